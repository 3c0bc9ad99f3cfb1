// A program that runs beside us. What it writes to one chosen descriptor comes through a pipe, its
// standard error is kept, and it ends when we do.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "visualizer/core/descriptor.h"  // Descriptor

namespace viz {

// Made, used and destroyed by one thread: the program is killed when that thread ends.
class Child {
 public:
  struct Options {
    std::vector<std::string> command;  // the program's path first, then its arguments
    int data_descriptor = 1;           // the pipe, as the program sees it; 1 is standard output
    int nice = 10;                     // how far it stands back for the window
  };

  // Throws std::runtime_error "PATH cannot be started: why".
  explicit Child(const Options& options);
  // Kills the program and what it has started, without waiting for long.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int data() const { return data_.get(); }                // reading never blocks
  int error_output() const { return error_pipe_.get(); }  // -1 once it was closed
  pid_t id() const { return id_; }

  // Reads what has come on standard error, without waiting.
  void read_errors();
  // The end of it, at most 8 KiB.
  const std::string& errors() const { return errors_; }

  // Whether the program has ended; does not wait.
  bool ended();
  bool succeeded() { return ended() && killed_by_ == 0 && status_ == 0; }
  int killed_by() { return ended() ? killed_by_ : 0; }  // a signal; 0: by none
  // "killed by signal 9 (Killed)", "stopped with status 1: the last line of its errors", "still
  // running".
  std::string end_words();
  // What stands behind "error: " in the last line of standard error that begins so; else empty.
  std::string error_line() const;

 private:
  Descriptor data_, error_pipe_;
  pid_t id_ = -1;
  bool ended_ = false;
  int status_ = 0, killed_by_ = 0;  // once it has ended: one of them
  std::string errors_;
};

}  // namespace viz
