#include "common/lesson/snippet.h"

#include "common/lesson/error.h"
#include "tests/catch.h"

using lesson::snippet;

namespace {

const char kSource[] = R"(// f(x) is named here first.
int f(int x);

// Adds one.
template <int n>
static __global__ void
    f(int x) {
  g(x);  // calls, does not define
  if (x) {
    // [inside]
    x += n;
    // [inside]
  }
}

class A {
  void h() override {
    one();

    two();
  }
  struct B {
    int x = 1;
  };
};
)";

}  // namespace

TEST_CASE("a function comes with the whole of its declaration", "[lesson]") {
  CHECK(snippet(kSource, "f")
            .rfind("template <int n>\nstatic __global__ void\n    f(int x) {\n", 0) == 0);
  CHECK(snippet(kSource, "f").substr(snippet(kSource, "f").size() - 6) == "  }\n}\n");
}

TEST_CASE("shared indentation is taken off", "[lesson]") {
  CHECK(snippet(kSource, "h") == "void h() override {\n  one();\n\n  two();\n}\n");
  CHECK(snippet(kSource, "B") == "struct B {\n  int x = 1;\n};\n");
  CHECK(snippet(kSource, "[inside]") == "x += n;\n");
}

TEST_CASE("a call or a declaration is no definition", "[lesson]") {
  CHECK_THROWS_WITH(snippet(kSource, "g"), "no definition of 'g'");
  CHECK_THROWS_WITH(snippet(kSource, "[outside]"), "no pair of lines with '// [outside]'");
}

TEST_CASE("files come whole, or as the definitions that are named behind them", "[lesson]") {
  const auto texts = lesson::sources(LADDER_SOURCE_DIR, {"common/decode/generate.cpp", "stop_text",
                                                         "generate", "common/lesson/diff.h"});
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].rfind("std::string stop_text(", 0) == 0);
  CHECK(texts[0].find("\n}\n\nGenerated generate(") != std::string::npos);
  CHECK(texts[0].find("#include") == std::string::npos);
  CHECK(texts[1].find("#include") != std::string::npos);
  CHECK(texts[1].find("struct TextDiff") != std::string::npos);
}
