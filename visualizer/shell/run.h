// One run that is looked at: where its events come from, what has come, and where we are in it.
#pragma once

#include <deque>
#include <string>

#include "visualizer/core/playback.h"
#include "visualizer/core/recording.h"
#include "visualizer/core/run_request.h"
#include "visualizer/core/source.h"

namespace viz {

class Run {
 public:
  // A decoder; the picture follows it.
  void start(const RunRequest& request);
  // A recorded file; it is played from its beginning.
  void open(const std::string& path);
  void stop();
  void forget();  // stops, and what has come is gone

  // Takes events that have come, for so many milliseconds at most. True when there were any.
  bool take(double milliseconds);
  // Waits for the end. For pictures: what comes after the token where one stands is seen, too, so
  // they would differ with how far the events have come.
  void take_all();
  // Its measured times, from a second run of the same request.
  void merge(const Run& measured);
  void advance(double seconds) { playback.advance(seconds, recording()); }

  bool empty() const { return recordings_.back().works().empty(); }
  bool live() const { return source_.state() == Source::State::kRunning; }
  bool is_file() const { return !path_.empty(); }
  const std::string& path() const { return path_; }
  Source& source() { return source_; }
  const Source& source() const { return source_; }
  const Recording& recording() const { return recordings_.back(); }
  const RunRequest& request() const { return request_; }
  int text_tokens() const;  // that have come

  Playback playback;

 private:
  void renew();

  Source source_;
  RunRequest request_;
  std::string path_;  // of the file; empty: a decoder
  // The last one counts. Those before it are empty: they keep their place in memory, so that a
  // recording never stands where another stood, and panels know by the address what is new.
  std::deque<Recording> recordings_ = std::deque<Recording>(1);
};

}  // namespace viz
