// Small helpers.
#include "common/lesson/text.h"

#include <fstream>
#include <sstream>

#include "common/lesson/error.h"  // LessonError

namespace lesson {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, by);) {
    const size_t first = part.find_first_not_of(' ');
    if (first == std::string::npos) {
      parts.emplace_back();
    } else {
      parts.push_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
    }
  }
  return parts;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) throw LessonError(path + ": cannot be read");
  return text.str();
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw LessonError(path + ": cannot be written");
}

std::string grouped(double value) {
  std::string text = std::to_string(static_cast<long long>(value));
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string markdown_table(const std::vector<std::string>& titles,
                           const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    return text + "\n";
  };
  std::string text = line(titles) + "| --- |";
  for (size_t i = 1; i < titles.size(); ++i) text += " ---: |";
  text += "\n";
  for (const auto& row : rows) text += line(row);
  return text;
}

}  // namespace lesson
