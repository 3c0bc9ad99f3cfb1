// ladder-lesson: fills the marked blocks of lessons from sources and reports, or checks that they
// are what it would write.
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "common/lesson/diff.h"          // diff_texts
#include "common/lesson/document.h"      // fill, first_difference
#include "common/lesson/error.h"         // LessonError
#include "common/lesson/prediction.h"    // prediction_table
#include "common/lesson/reports.h"       // Reports
#include "common/lesson/snippet.h"       // sources
#include "common/lesson/study_blocks.h"  // rows_table, pivot_table, plot_svg
#include "common/lesson/tables.h"        // the tables
#include "common/lesson/text.h"          // read_text, write_text

namespace {

using lesson::Block;

const char kHelp[] =
    R"(ladder-lesson --write|--check --root DIR [NAME=REPORT.json]... FILE.md...

Fills the blocks between <!-- begin: ... --> and <!-- end --> (common/lesson/README.md lists the
kinds), or with --check only says what differs, and ends with 1. DIR is where code paths begin.
)";

struct Arguments {
  bool write = false;
  std::string root = ".";
  lesson::Reports reports;
  std::vector<std::string> files;
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  bool mode = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const size_t equals = word.find('=');
    if (word == "--write" || word == "--check") {
      arguments.write = word == "--write";
      mode = true;
    } else if (word == "--root" && i + 1 < argc) {
      arguments.root = argv[++i];
    } else if (equals != std::string::npos) {
      const std::string path = word.substr(equals + 1);
      arguments.reports[word.substr(0, equals)] = lesson::Json::parse(lesson::read_text(path));
    } else if (word.rfind("-", 0) == 0) {
      throw lesson::LessonError("unknown option '" + word + "'");
    } else {
      arguments.files.push_back(word);
    }
  }
  if (!mode || arguments.files.empty()) throw lesson::LessonError("--write or --check, and files");
  return arguments;
}

std::string code(const Block& block, const std::string& root) {
  return "```cpp\n" + lesson::sources(root, block.arguments).at(0) + "```\n";
}

std::string diff(const Block& block, const std::string& root) {
  constexpr size_t kContext = 1;
  const std::vector<std::string> texts = lesson::sources(root, block.arguments);
  const lesson::TextDiff diff = lesson::diff_texts(texts.at(0), texts.at(1), kContext);
  return std::to_string(diff.changed) + " lines changed (" + std::to_string(diff.removed) +
         " removed, " + std::to_string(diff.added) + " added):\n\n```diff\n" +
         lesson::join(diff.lines) + "```\n";
}

// What a lesson consists of: its text, and pictures beside it.
struct Lesson {
  std::string path;
  std::map<std::string, std::string> pictures;  // by file name

  // A picture of a block, embedded.
  std::string picture(const Block& block, const std::string& svg) {
    const std::string file = block.arguments.at(1);
    if (!pictures.emplace(file, svg).second) throw lesson::LessonError(file + " is drawn twice");
    const size_t begin = svg.find("<title>") + 7;
    return "![" + svg.substr(begin, svg.find("</title>") - begin) + "](" + file + ")\n";
  }
};

std::string content(const Block& block, const Arguments& arguments, Lesson& page) {
  if (block.kind == "code") return code(block, arguments.root);
  if (block.kind == "diff") return diff(block, arguments.root);
  const lesson::Json& report = lesson::report(arguments.reports, block.arguments.at(0));
  if (block.kind == "predict") return lesson::prediction_table(block, report);
  if (block.kind == "chapters") return lesson::chapters_table(block, report);
  if (block.kind == "tensors") return lesson::tensors_table(block, report);
  if (block.kind == "sizes") return lesson::sizes_table(block, report);
  if (block.kind == "printed") return lesson::printed_table(report);
  if (block.kind == "levels") return lesson::levels_table(block, report);
  if (block.kind == "rows") return lesson::rows_table(block, report);
  if (block.kind == "pivot") return lesson::pivot_table(block, report);
  if (block.kind == "plot") return page.picture(block, lesson::plot_svg(block, report));
  if (block.kind == "ladder") return page.picture(block, lesson::ladder_svg(report));
  throw lesson::LessonError("this kind of block is not known");
}

// Makes one file so, or says where it is not so.
bool settle(const std::string& path, const std::string& is, const std::string& should_be,
            bool write) {
  const std::string difference = lesson::first_difference(is, should_be);
  if (difference.empty()) {
    std::printf("%s: as it should be\n", path.c_str());
    return true;
  }
  if (write) {
    lesson::write_text(path, should_be);
    std::printf("%s: written\n", path.c_str());
    return true;
  }
  std::printf("%s: %s\n", path.c_str(), difference.c_str());
  return false;
}

// Whether the lesson and its pictures are as they should be in the end.
bool handle(const std::string& path, const Arguments& arguments) {
  Lesson page{path, {}};
  const std::string is = lesson::read_text(path);
  std::string should_be;
  try {
    should_be =
        lesson::fill(is, [&](const Block& block) { return content(block, arguments, page); });
  } catch (const std::exception& error) {
    throw lesson::LessonError(path + ": " + error.what());
  }
  bool good = settle(path, is, should_be, arguments.write);
  const size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  for (const auto& [file, svg] : page.pictures) {
    const std::string picture = folder + file;
    const std::string there = std::ifstream(picture).good() ? lesson::read_text(picture) : "";
    good = settle(picture, there, svg, arguments.write) && good;
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  try {
    arguments = read_arguments(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n%s", error.what(), kHelp);
    return 2;
  }
  try {
    bool good = true;
    for (const std::string& file : arguments.files) good = handle(file, arguments) && good;
    return good ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
