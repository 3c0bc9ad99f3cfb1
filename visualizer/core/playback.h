// Where in a recording we are, and how time goes on there.
#pragma once

#include <cstddef>

#include "visualizer/core/recording.h"

namespace viz {

// Which part of the work the pictures sum over.
enum class Scope { kKernel, kToken, kRun };
const char* scope_name(Scope scope);  // "kernel", "token", "run"

// The position is a piece of work, the *current* one, and how much of it is done. Play goes through
// the work at a speed that follows modelled time: a launch that is modelled as twice as long as
// another takes twice as long on screen.
class Playback {
 public:
  // `seconds` of real time go by. At the end of what has been recorded it waits for more.
  void advance(double seconds, const Recording& recording);

  bool playing() const { return playing_; }
  void play(bool on) { playing_ = on; }
  // Follows the decoder: always at the newest work. Ends when one goes elsewhere.
  bool following() const { return following_; }
  void follow(bool on) { following_ = on; }
  // Tokens a second: the mean decode step of the recording takes 1 / speed seconds. 0.05 to 200.
  double speed() const { return speed_; }
  void set_speed(double tokens_a_second);

  // The current piece of work; 0 when there is none yet. Never beyond the last.
  size_t work() const { return work_; }
  double done() const { return done_; }  // how much of it: 0 to 1
  bool at_end(const Recording& recording) const;

  // Each stays inside the recording and stops following; stepping also stops playing.
  void go_to_work(size_t work, const Recording& recording);
  void go_to_column(int column, const Recording& recording);  // its first piece of work
  void step_work(int by, const Recording& recording);
  void step_column(int by, const Recording& recording);
  void restart();

  // The work that a picture of this scope sums over: the current piece, the column it is in, or all
  // that has happened up to the current piece, itself included.
  WorkRange range(Scope scope, const Recording& recording) const;
  int column(const Recording& recording) const { return recording.column_of(work_); }

 private:
  // Modelled seconds of a mean decode step; of a mean column when there is none yet.
  static double token_seconds(const Recording& recording);

  bool playing_ = true, following_ = false;
  double speed_ = 1;
  size_t work_ = 0;
  double done_ = 0;
};

}  // namespace viz
