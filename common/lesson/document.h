// A README with marked blocks:
//
//   <!-- begin: KIND ARGUMENT...
//   further lines for that kind
//   -->
//   what the tool writes
//   <!-- end -->
//
// Everything else is the writer's and stays as it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lesson {

struct Block {
  std::string kind;
  std::vector<std::string> arguments;
  std::vector<std::string> lines;  // of the marker, after its first; empty ones left out
  size_t line = 0;                 // of the marker in the file, from 1
};

// The text of a block, from its marker.
using Filler = std::function<std::string(const Block&)>;

// The document with every block filled anew. Throws LessonError with the line of the block.
std::string fill(const std::string& document, const Filler& filler);

// The first line in which both differ, as text for people; empty when they are equal.
std::string first_difference(const std::string& is, const std::string& should_be);

}  // namespace lesson
