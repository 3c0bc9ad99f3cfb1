// Starting and ending programs.
#include "visualizer/core/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <new>

#include "tests/catch.h"
#include "tests/visualizer/fake.h"
#include "tests/visualizer/source_help.h"

using namespace viz_test;
using Catch::Matchers::ContainsSubstring;
using viz::Child;

namespace {

Child::Options shell(const std::string& script) { return {{"/bin/sh", "-c", script}}; }

std::string output(Child& child) {
  std::string text;
  wait_until([&] {
    const bool over = child.ended();
    char buffer[1000];
    for (ssize_t got; (got = read(child.data(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, size_t(got));
    }
    return over;
  });
  return text;
}

bool wait_for_end(Child& child) {
  const bool ended = wait_until([&] {
    child.read_errors();
    return child.ended();
  });
  child.read_errors();
  return ended;
}

}  // namespace

TEST_CASE("a child's output comes through the pipe", "[viz][source]") {
  Child child(shell("printf 'one two'"));
  REQUIRE(output(child) == "one two");
  REQUIRE(child.succeeded());
}

TEST_CASE("a child's end is told in words", "[viz][source]") {
  Child killed(shell("kill -9 $$"));
  REQUIRE(wait_for_end(killed));
  REQUIRE(killed.end_words() == "killed by signal 9 (Killed)");
  REQUIRE(killed.killed_by() == SIGKILL);
  Child failed(shell("echo first >&2; echo 'the last line' >&2; exit 3"));
  REQUIRE(wait_for_end(failed));
  REQUIRE(failed.end_words() == "stopped with status 3: the last line");
  REQUIRE(failed.error_line().empty());
  Child silent(shell("exit 4"));
  REQUIRE(wait_for_end(silent));
  REQUIRE(silent.end_words() == "stopped with status 4");
  Child running(shell("sleep 100"));
  REQUIRE(running.end_words() == "still running");
  REQUIRE(!running.succeeded());
}

TEST_CASE("an error line is found among others", "[viz][source]") {
  Child first(shell("echo 'error: no model' >&2; echo 'more words' >&2; exit 1"));
  REQUIRE(wait_for_end(first));
  REQUIRE(first.error_line() == "no model");
  Child later(shell("echo 'note: x' >&2; echo 'error: late' >&2; exit 1"));
  REQUIRE(wait_for_end(later));
  REQUIRE(later.error_line() == "late");
}

TEST_CASE("a program that is not there cannot be started", "[viz][source]") {
  REQUIRE_THROWS_WITH(Child({{"/no/such/program"}}),
                      "/no/such/program cannot be started: No such file or directory");
  REQUIRE_THROWS_WITH(Child({{"/"}}), "/ cannot be started: Permission denied");
  REQUIRE(no_child_left());
}

TEST_CASE("of a child's errors the last 8 KiB are kept", "[viz][source]") {
  Child child(shell("i=0; while [ $i -lt 3000 ]; do echo \"line $i\" >&2; i=$((i+1)); done"));
  REQUIRE(wait_for_end(child));
  REQUIRE(child.errors().size() == 8192);
  REQUIRE_THAT(child.errors(), ContainsSubstring("line 2999\n"));
}

TEST_CASE("a child goes at once, with what it has started, whatever it ignores", "[viz][source]") {
  Folder folder;
  const auto running = [&](pid_t id) { return kill(id, 0) == 0; };
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the grandchild comes to us when its parent is gone
  pid_t grandchild = 0;
  {
    Child child(shell("trap '' TERM INT HUP; (trap '' TERM; sleep 100) & echo $! >" +
                      (folder / "id") + "; echo ready; wait; sleep 100"));
    char byte;
    REQUIRE(wait_until([&] { return read(child.data(), &byte, 1) == 1; }));
    std::ifstream(folder / "id") >> grandchild;
    REQUIRE(grandchild > 0);
    REQUIRE(running(grandchild));
    const auto start = Clock::now();
    child.~Child();
    REQUIRE(milliseconds_since(start) < 100);
    new (&child) Child(shell("true"));
  }
  int status = 0;
  REQUIRE(waitpid(grandchild, &status, 0) == grandchild);
  REQUIRE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  REQUIRE(no_child_left());
}

TEST_CASE("a child dies when the program that made it is killed", "[viz][source]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t parent = fork();
  if (parent == 0) {
    Child child(shell("exec sleep 100"));
    const pid_t id = child.id();
    if (write(ends[1], &id, sizeof id) != sizeof id) _exit(1);
    while (true) pause();
  }
  pid_t id = 0;
  REQUIRE(read(ends[0], &id, sizeof id) == sizeof id);
  kill(parent, SIGKILL);
  REQUIRE(waitpid(parent, nullptr, 0) == parent);
  int status = 0;
  REQUIRE(waitpid(id, &status, 0) == id);  // as its new parent
  REQUIRE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  close(ends[0]);
  close(ends[1]);
  REQUIRE(no_child_left());
}

TEST_CASE("a child has no descriptors of ours, a pipe of its own and stands back",
          "[viz][source]") {
  const int leaked = open("/dev/null", O_RDONLY);  // not closed on exec, as libraries do it
  viz::Source source;
  source.start(fake("descriptors"));
  const std::vector<traffic::Event> events = take_all(source);
  close(leaked);
  REQUIRE(source.message() == "");
  REQUIRE(events.size() == 4);
  REQUIRE(text_of(events[1]) == "0 1 2 3");
  REQUIRE(std::stoi(text_of(events[2])) >= 10);
}
