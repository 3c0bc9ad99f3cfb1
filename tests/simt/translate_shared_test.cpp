// The text that cu_translate makes of __shared__ declarations. That it works:
// translate_run_test.cu.
#include <string>

#include "common/simt/translate/translate.h"
#include "tests/catch.h"

namespace {

using simt::translate::translate;

std::string body(const std::string& statement) {
  const std::string head = "#line 1 \"a.cuh\"\n__global__ void k() { ", tail = " }";
  const auto result = translate("__global__ void k() { " + statement + tail, "a.cuh", false);
  for (const auto& error : result.errors) UNSCOPED_INFO(error.text);
  REQUIRE(result.errors.empty());
  return result.text.substr(head.size(), result.text.size() - head.size() - tail.size());
}

std::string error_of(const std::string& source) {
  const auto result = translate(source, "a.cu", false);
  REQUIRE(result.errors.size() == 1);
  return result.errors[0].text;
}

// The types that a statement declares: its text up to the key variables.
std::string types(const std::string& statement) {
  const std::string text = body(statement);
  return text.substr(0, text.find("; "));
}

}  // namespace

TEST_CASE("a shared array becomes a reference with a key of its own", "[simt][translate]") {
  CHECK(body("__shared__ float a[32][33];") ==
        "typedef  float simt_t_a[32][33]; static char simt_k_a; [[maybe_unused]] simt_t_a& a = "
        "::simt::shared_variable<simt_t_a, 1>(&simt_k_a, \"a\");");
  CHECK(body("extern __shared__ float a[];") ==
        "typedef   float simt_t_a[]; [[maybe_unused]] simt_t_a& a = "
        "::simt::dynamic_shared_array<simt_t_a>(\"a\");");
}

TEST_CASE("every form of declarator keeps its type", "[simt][translate]") {
  CHECK(types("__shared__ T x;") == "typedef  T simt_t_x");
  CHECK(types("static __shared__ int x;") == "typedef   int simt_t_x");
  CHECK(types("volatile __shared__ int x[4];") == "typedef volatile  int simt_t_x[4]");
  CHECK(types("float __shared__ x[4];") == "typedef float  simt_t_x[4]");
  CHECK(types("__shared__ float a[N < 4 ? 4 : N], *b, c[sizeof(T) * 2][M];") ==
        "typedef  float simt_t_a[N < 4 ? 4 : N], *simt_t_b, simt_t_c[sizeof(T) * 2][M]");
  CHECK(types("__shared__ Pair<int, Pair<A, B>> p[2];") ==
        "typedef  Pair<int, Pair<A, B>> simt_t_p[2]");
  CHECK(types("__shared__ typename T::Storage storage;") ==
        "typedef  typename T::Storage simt_t_storage");
  CHECK(types("__shared__ unsigned long long int n;") ==
        "typedef  unsigned long long int simt_t_n");
  CHECK(types("__shared__ float (*rows)[4];") == "typedef  float (*simt_t_rows)[4]");
}

TEST_CASE("alignment before or after the type is kept", "[simt][translate]") {
  const char* const kForms[] = {
      "__shared__ __align__(16) char a[8];", "__align__(16) __shared__ char a[8];",
      "alignas(16) __shared__ char a[8];", "__shared__ char a[8] __attribute__((aligned(16)));",
      "__shared__ char __align__(16) a[8];"};
  for (const char* form : kForms) {
    const std::string text = body(form);
    CAPTURE(form, text);
    CHECK(text.find("shared_variable<simt_t_a, alignof(simt_align_a)>(&simt_k_a, \"a\")") !=
          std::string::npos);
    CHECK(text.find("simt_align_a {}") != std::string::npos);
  }
}

TEST_CASE("an unnamed struct or union can be shared", "[simt][translate]") {
  CHECK(body("__shared__ struct { float a, b; int c; } s;")
            .find("typedef  struct { float a, b; int c; } simt_t_s; static char simt_k_s; ") == 0);
}

TEST_CASE("in a macro the preprocessor joins the names", "[simt][translate]") {
  const auto result = translate("#define S(T, n) __shared__ T n[4]\n", "a.cuh", false);
  REQUIRE(result.errors.empty());
  CHECK(result.text.find("typedef  T simt_t_##n[4]; static char simt_k_##n; ") !=
        std::string::npos);
  CHECK(result.text.find("(&simt_k_##n, SIMT_TEXT(n))") != std::string::npos);
}

TEST_CASE("dynamic shared memory at namespace scope reaches the functions that name it",
          "[simt][translate]") {
  const auto result = translate(
      "extern __shared__ float buffer[];\n__global__ void uses() { buffer[0] = 1; }\n"
      "__global__ void own() { extern __shared__ int buffer[]; buffer[0] = 1; }\n"
      "__device__ void argument(int* buffer) { buffer[0] = 1; }\n",
      "a.cu", false);
  REQUIRE(result.errors.empty());
  CHECK(result.text.find("void uses() { [[maybe_unused]] simt_t_buffer& buffer = ::simt::"
                         "dynamic_shared_array<simt_t_buffer>(\"buffer\"); buffer[0] = 1; }") !=
        std::string::npos);
  CHECK(result.text.find("void own() { typedef   int simt_t_buffer[];") != std::string::npos);
  CHECK(result.text.find("argument(int* buffer) { buffer[0] = 1; }") != std::string::npos);
}

TEST_CASE("a static shared variable at namespace scope is one for all functions",
          "[simt][translate]") {
  const auto result = translate(
      "__shared__ int cells[4];\n__device__ int f() { return cells[0]; }\n"
      "__global__ void k() { cells[0] = f(); }\n",
      "a.cu", false);
  REQUIRE(result.errors.empty());
  const std::string reference =
      "{ [[maybe_unused]] simt_t_cells& cells = ::simt::shared_variable<simt_t_cells, 1>("
      "&simt_k_cells, \"cells\");";
  CHECK(result.text.find("int f() " + reference) != std::string::npos);
  CHECK(result.text.find("void k() " + reference) != std::string::npos);
}

TEST_CASE("an initialiser and a wrong place are errors", "[simt][translate]") {
  CHECK(error_of("__global__ void k() { __shared__ int x = 3; }") ==
        "__shared__ variable 'x': an initialiser is not allowed");
  CHECK(error_of("__global__ void k() { __shared__ int a, b[2] = {1, 2}; }") ==
        "__shared__ variable 'b': an initialiser is not allowed");
  CHECK(error_of("struct S { __shared__ int x; };") ==
        "__shared__: a class cannot have a shared member");
}
