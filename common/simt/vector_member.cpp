// Reads the member's name at an access's place in the source.
#include "common/simt/vector_member.h"

#include <cctype>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/simt/symbolize.h"

namespace simt {
namespace {

bool word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The member that the letter at `at` names, when it is a whole name behind `.` or `->`.
int named(const std::string& line, size_t at) {
  static const std::string letters = "xyzw";
  if (at >= line.size() || at == 0) return kNoMember;
  size_t index = letters.find(line[at]);
  if (index == std::string::npos || (at + 1 < line.size() && word(line[at + 1]))) return kNoMember;
  size_t before = line.find_last_not_of(' ', at - 1);
  if (before == std::string::npos || (line[before] != '.' && line[before] != '>')) return kNoMember;
  return static_cast<int>(index);
}

// A load's column is that of the member's name; a store's is that of its `=`.
int member_at(const std::string& line, size_t column) {
  if (column >= line.size()) return kNoMember;
  if (line[column] != '=') return named(line, column);
  size_t left = column == 0 ? std::string::npos : line.find_last_not_of(' ', column - 1);
  if (left != std::string::npos) {
    int member = named(line, left);
    if (member != kNoMember) return member;
  }
  size_t right = line.find_first_not_of(' ', column + 1);
  while (right < line.size() && (word(line[right]) || line[right] == ':')) ++right;
  return right < line.size() && line[right] == '{' ? kBraces : kNoMember;
}

}  // namespace

int vector_member(uint64_t pc) {
  SourcePlace place = source_place(pc - 1);
  if (place.file.empty() || place.line < 1 || place.column < 1) return kNoMember;
  static std::mutex mutex;
  static std::map<std::string, std::vector<std::string>> sources;
  std::lock_guard<std::mutex> lock(mutex);
  auto [source, fresh] = sources.try_emplace(place.file);
  if (fresh) {
    std::ifstream file(place.file);
    for (std::string line; std::getline(file, line);) source->second.push_back(line);
  }
  const std::vector<std::string>& lines = source->second;
  if (static_cast<size_t>(place.line) > lines.size()) return kNoMember;
  return member_at(lines[static_cast<size_t>(place.line) - 1],
                   static_cast<size_t>(place.column) - 1);
}

}  // namespace simt
