// Finds definitions by counting brackets: enough for sources that clang-format laid out.
#include "common/lesson/snippet.h"

#include <algorithm>
#include <regex>
#include <vector>

#include "common/lesson/error.h"  // LessonError
#include "common/lesson/text.h"   // lines_of, join, read_text

namespace lesson {
namespace {

using Lines = std::vector<std::string>;

std::string without_comment(const std::string& line) { return line.substr(0, line.find("//")); }

// The line on which the definition that begins on `first` ends, or `lines.size()` when it is only a
// declaration, or a call.
size_t end_of_definition(const Lines& lines, size_t first, size_t column) {
  int parentheses = 0, braces = 0;
  for (size_t i = first; i < lines.size(); ++i) {
    const std::string line = without_comment(lines[i]);
    for (size_t at = i == first ? column : 0; at < line.size(); ++at) {
      const char c = line[at];
      if (c == '(') ++parentheses;
      if (c == ')' && --parentheses < 0) return lines.size();
      if (c == '{') ++braces;
      if (c == '}' && --braces == 0 && parentheses == 0) return i;
      if (c == ';' && parentheses == 0 && braces == 0) return lines.size();
    }
  }
  return lines.size();
}

// The declaration may begin on an earlier line: template <...>, static __global__ ...
size_t begin_of_declaration(const Lines& lines, size_t first) {
  while (first > 0) {
    const std::string before = without_comment(lines[first - 1]);
    const size_t last = before.find_last_not_of(' ');
    if (last == std::string::npos || std::string(";{}:").find(before[last]) != std::string::npos) {
      break;
    }
    --first;
  }
  return first;
}

Lines definition(const Lines& lines, const std::string& name) {
  const std::regex function("(^|[^A-Za-z0-9_.>])" + name + "\\(");
  const std::regex type("(struct|class|enum class) " + name + "\\b");
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = without_comment(lines[i]);
    std::smatch match;
    if (!std::regex_search(line, match, function) && !std::regex_search(line, match, type)) {
      continue;
    }
    const size_t end = end_of_definition(lines, i, static_cast<size_t>(match.position()));
    if (end == lines.size()) continue;
    const size_t begin = begin_of_declaration(lines, i);
    return Lines(lines.begin() + static_cast<long>(begin),
                 lines.begin() + static_cast<long>(end) + 1);
  }
  throw LessonError("no definition of '" + name + "'");
}

Lines between_anchors(const Lines& lines, const std::string& anchor) {
  Lines inside;
  int seen = 0;
  for (const std::string& line : lines) {
    if (line.find("// " + anchor) != std::string::npos) {
      if (++seen == 2) return inside;
    } else if (seen == 1) {
      inside.push_back(line);
    }
  }
  throw LessonError("no pair of lines with '// " + anchor + "'");
}

}  // namespace

std::string snippet(const std::string& source, const std::string& name) {
  const Lines all = lines_of(source);
  Lines lines = name.front() == '[' ? between_anchors(all, name) : definition(all, name);
  size_t shared = std::string::npos;
  for (const std::string& line : lines) {
    if (!line.empty()) shared = std::min(shared, line.find_first_not_of(' '));
  }
  for (std::string& line : lines) {
    if (!line.empty()) line.erase(0, shared);
  }
  return join(lines);
}

std::vector<std::string> sources(const std::string& root,
                                 const std::vector<std::string>& arguments) {
  std::vector<std::string> texts;
  for (size_t at = 0; at < arguments.size();) {
    const std::string source = read_text(root + "/" + arguments[at++]);
    std::string text;
    for (; at < arguments.size() && arguments[at].find('/') == std::string::npos; ++at) {
      text += (text.empty() ? "" : "\n") + snippet(source, arguments[at]);
    }
    texts.push_back(text.empty() ? source : text);
  }
  return texts;
}

}  // namespace lesson
