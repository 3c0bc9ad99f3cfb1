// Bytes of text as they can be shown.
#include "visualizer/core/text_pieces.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace viz;

namespace {

std::string shown(const std::string& bytes) {
  std::string text;
  for (const TextPiece& piece : text_pieces(bytes)) {
    text += "vstnb"[piece.kind];
    text += "(" + piece.text + ")";
  }
  return text;
}

TEST_CASE("text is cut into what can be shown, and nothing is lost", "[viz][text]") {
  CHECK(shown("") == "");
  CHECK(shown(" the  man") == "s( )v(the)s(  )v(man)");
  CHECK(shown("a\n\n\tb\r") == "v(a)n(\n)n(\n)t(\t)v(b)b(0D)");
  CHECK(shown("\xE4\xB8\xAD\xE6\x96\x87\xF0\x9F\x98\x80") ==
        "v(\xE4\xB8\xAD\xE6\x96\x87\xF0\x9F\x98\x80)");
}

TEST_CASE("a label is one line of valid text", "[viz][text]") {
  CHECK(one_line("  the\n man\t\xE4 ") == "the↵ man <E4>");
  CHECK(one_line("   ") == "");
}

TEST_CASE("bytes that are no UTF-8 are shown as bytes", "[viz][text]") {
  CHECK(shown("\xE4\xB8") == "b(E4)b(B8)");
  CHECK(shown("a\xFFz") == "v(a)b(FF)v(z)");
  CHECK(shown("\xC0\xAF") == "b(C0)b(AF)");                    // overlong
  CHECK(shown("\xE0\x80\x80") == "b(E0)b(80)b(80)");           // overlong
  CHECK(shown("\xED\xA0\x80") == "b(ED)b(A0)b(80)");           // a surrogate
  CHECK(shown("\xF4\x90\x80\x80") == "b(F4)b(90)b(80)b(80)");  // above the last character
  CHECK(shown(std::string("\0\x7F", 2)) == "b(00)b(7F)");
}

TEST_CASE("a prompt's tokens get back the bytes of a character that they share", "[viz][text]") {
  using Texts = std::vector<std::string>;
  const std::string lost = "\uFFFD";
  // A space before all, a character of three bytes in three tokens, one of two in one.
  CHECK(whole_bytes({" a", lost, lost, lost, lost + lost, "b"}, "a\u65E5\u00E9b") ==
        Texts{" a", "\xE6", "\x97", "\xA5", "\u00E9", "b"});
  CHECK(whole_bytes({" a", "b"}, " ab") == Texts{" a", "b"});
  CHECK(whole_bytes({}, "") == Texts{});
  // They do not add up.
  CHECK(whole_bytes({"a", lost}, "a") == Texts{"a", lost});
  CHECK(whole_bytes({"<user>", "a"}, "a") == Texts{"<user>", "a"});
  CHECK(whole_bytes({"a"}, "ab") == Texts{"a"});
}

}  // namespace
