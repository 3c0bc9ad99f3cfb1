// Bad file 39: things that are not readable regular files, and files that change while open.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/model/gguf.h"
#include "common/model/weights.h"
#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

TEST_CASE("bad file 39: an empty file is refused", "[model][bad]") {
  CHECK(contains(open_error_of(""), "file: found an empty file"));
}

TEST_CASE("bad file 39: a directory is refused", "[model][bad]") {
  TempDir dir;
  std::filesystem::create_directory(dir.file("folder"));
  CHECK(contains(load_error(dir.file("folder")), "found a directory, expected a regular file"));
}

TEST_CASE("bad file 39: a FIFO is refused without waiting for a writer", "[model][bad]") {
  TempDir dir;
  REQUIRE(::mkfifo(dir.file("fifo").c_str(), 0600) == 0);
  CHECK(contains(load_error(dir.file("fifo")), "found a FIFO, expected a regular file"));
  CHECK(contains(load_error("/dev/null"), "found not a regular file"));
}

TEST_CASE("bad file 39: a missing or unreadable file is refused with the system's reason",
          "[model][bad]") {
  TempDir dir;
  CHECK(contains(load_error(dir.file("none.gguf")), "No such file"));
  std::string path = dir.write("secret.gguf", model_bytes());
  ::chmod(path.c_str(), 0);
  if (::geteuid() != 0) CHECK(contains(load_error(path), "Permission denied"));
  ::chmod(path.c_str(), 0600);
}

TEST_CASE("bad file 39: a file that shrinks after it was opened is an error, not a crash",
          "[model][bad]") {
  TempDir dir;
  std::string bytes = model_bytes();
  std::string path = dir.write("shrinking.gguf", bytes);
  model::GgufFile file = model::GgufFile::open(path);
  model::Config config = model::read_config(file);
  std::filesystem::resize_file(path, bytes.size() / 2);
  std::string message;
  try {
    model::load_weights(file, config);
  } catch (const model::ModelError& error) {
    message = error.what();
  }
  CHECK(contains(message, path + ": file: found its end at byte"));
  CHECK(contains(message, "cut since it was opened"));
}

TEST_CASE("a path with a line break still gives one line", "[model][bad]") {
  std::string error = load_error("/no/such\nfile");
  CHECK_FALSE(contains(error, "\n"));
  CHECK(contains(error, "/no/such\\x0afile"));
}
