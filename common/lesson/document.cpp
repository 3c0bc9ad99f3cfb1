// Reads the markers line by line.
#include "common/lesson/document.h"

#include <algorithm>

#include "common/lesson/error.h"  // LessonError
#include "common/lesson/text.h"   // lines_of, words_of

namespace lesson {
namespace {

const char kBegin[] = "<!-- begin: ";
const char kEnd[] = "<!-- end -->";

[[noreturn]] void fail(size_t line, const std::string& why) {
  throw LessonError("line " + std::to_string(line) + ": " + why);
}

// Reads the marker that begins at lines[at] and moves `at` behind it.
Block read_marker(const std::vector<std::string>& lines, size_t& at) {
  Block block;
  block.line = at + 1;
  std::string first = lines[at].substr(sizeof kBegin - 1);
  const size_t close = first.find("-->");
  std::vector<std::string> words = words_of(first.substr(0, close));
  if (words.empty()) fail(block.line, "the block has no kind");
  block.kind = words[0];
  block.arguments.assign(words.begin() + 1, words.end());
  ++at;
  if (close != std::string::npos) return block;
  for (; at < lines.size() && lines[at].find("-->") == std::string::npos; ++at) {
    if (!words_of(lines[at]).empty()) block.lines.push_back(lines[at]);
  }
  if (at == lines.size()) fail(block.line, "the marker has no '-->'");
  ++at;
  return block;
}

}  // namespace

std::string fill(const std::string& document, const Filler& filler) {
  const std::vector<std::string> lines = lines_of(document);
  std::string result;
  for (size_t at = 0; at < lines.size();) {
    if (lines[at].rfind(kBegin, 0) != 0) {
      result += lines[at++] + "\n";
      continue;
    }
    const size_t marker = at;
    const Block block = read_marker(lines, at);
    for (size_t i = marker; i < at; ++i) result += lines[i] + "\n";
    while (at < lines.size() && lines[at] != kEnd) {
      if (lines[at++].rfind(kBegin, 0) == 0) fail(block.line, "the block has no '<!-- end -->'");
    }
    if (at == lines.size()) fail(block.line, "the block has no '<!-- end -->'");
    try {
      result += filler(block);
    } catch (const std::exception& error) {
      fail(block.line, block.kind + ": " + error.what());
    }
    result += lines[at++] + "\n";
  }
  return result;
}

std::string first_difference(const std::string& is, const std::string& should_be) {
  if (is == should_be) return "";
  const auto a = lines_of(is), b = lines_of(should_be);
  size_t at = 0;
  while (at < std::min(a.size(), b.size()) && a[at] == b[at]) ++at;
  const auto line = [&](const std::vector<std::string>& lines) {
    return at < lines.size() ? lines[at] : std::string("(the end)");
  };
  return "line " + std::to_string(at + 1) + "\n  is        " + line(a) + "\n  should be " + line(b);
}

}  // namespace lesson
