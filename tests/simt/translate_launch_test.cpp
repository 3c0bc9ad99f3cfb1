// The text that cu_translate makes of launches and names, and what it refuses.
#include <algorithm>
#include <string>

#include "common/simt/translate/translate.h"
#include "tests/catch.h"

namespace {

using simt::translate::translate;
using simt::translate::Translation;

std::string translated(const std::string& source) {
  Translation result = translate(source, "kernels/a.cu", false);
  for (const auto& error : result.errors) UNSCOPED_INFO(error.line << ": " << error.text);
  REQUIRE(result.errors.empty());
  const std::string head = "#line 1 \"kernels/a.cu\"\n";
  REQUIRE(result.text.substr(0, head.size()) == head);
  return result.text.substr(head.size());
}

// The only error, as "line:column: text".
std::string error_of(const std::string& source) {
  Translation result = translate(source, "a.cu", false);
  REQUIRE(result.errors.size() == 1);
  REQUIRE(result.text.empty());
  const auto& error = result.errors[0];
  return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What the translator took for the kernel's name in `statement`.
std::string callee(const std::string& statement) {
  const std::string text = translated("void f() { " + statement + " }");
  const std::string before = "const auto&... simt_a) { ", after = "(simt_a...); }";
  const size_t begin = text.find(before), end = text.find(after);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  return text.substr(begin + before.size(), end - begin - before.size());
}

}  // namespace

TEST_CASE("a source without CUDA in it stays as it is", "[simt][translate]") {
  const std::string source =
      "// a <<<b>>>(c) in a comment\n#include <x>\n#define A(b) (b << 2)\n"
      "const char* s = \"k<<<1, 1>>>()\"; auto r = R\"x(k<<<1,1>>>(\")x\"; char q = '\\'';\n"
      "std::vector<std::vector<std::vector<int>>> v; int i = 1'000'000 >> 3; x <<= 2;\n"
      "std::ostream& operator<<<int>(std::ostream&, int);\r\n/* unfinished \" quote */\n";
  REQUIRE(translated(source) == source);
}

TEST_CASE("every form of kernel name before <<< is found", "[simt][translate]") {
  CHECK(callee("kernel<<<1, 2>>>(a);") == "kernel");
  CHECK(callee("ns::inner::kernel<<<1, 2>>>(a);") == "ns::inner::kernel");
  CHECK(callee("::kernel<<<1, 2>>>(a);") == "::kernel");
  CHECK(callee("kernel<8, float><<<1, 2>>>(a);") == "kernel<8, float>");
  CHECK(callee("kernel<std::pair<A, B>><<<1, 2>>>(a);") == "kernel<std::pair<A, B>>");
  CHECK(callee("kernel<(N > 3), sizeof(T) * 2><<<1, 2>>>(a);") == "kernel<(N > 3), sizeof(T) * 2>");
  CHECK(callee("ns::Class<T>::template kernel<4><<<1, 2>>>(a);") ==
        "ns::Class<T>::template kernel<4>");
  CHECK(callee("(*pointer)<<<1, 2>>>(a);") == "(*pointer)");
  CHECK(callee("table[i + 1]<<<1, 2>>>(a);") == "table[i + 1]");
  CHECK(callee("this->kernel_<<<1, 2>>>(a);") == "this->kernel_");
  CHECK(callee("choose(n)<<<1, 2>>>(a);") == "choose(n)");
  CHECK(callee("if (n > 3) kernel<<<1, 2>>>(a);") == "kernel");
  CHECK(callee("if (n > 3) (*pointer)<<<1, 2>>>(a);") == "(*pointer)");
  CHECK(callee("for (int i = 0; i < n; ++i) kernel<T><<<1, 2>>>(a);") == "kernel<T>");
  CHECK(callee("else_ = 1; kernel <<< 1, 2 >>> (a);") == "kernel");
  CHECK(callee("static_cast<void (*)(int)>(kernel)<<<1, 2>>>(a);") ==
        "static_cast<void (*)(int)>(kernel)");
}

TEST_CASE("a launch's configuration may hold angle brackets and shifts", "[simt][translate]") {
  const std::string text = translated(
      "void f() { kernel<<<std::max<int>(a, b), 1 << 5, sizeof(Pair<A, B>) * (n >> 2)>>>(x); }");
  CHECK(
      has(text, "configuration(std::max<int>(a, b), 1 << 5, sizeof(Pair<A, B>) * (n >> 2)))(x);"));
  CHECK(
      has(translated("void f() { kernel<<<1, Size<T>>>>(x); }"), "configuration(1, Size<T>))(x)"));
}

TEST_CASE("lines keep their numbers when a launch is spread over several", "[simt][translate]") {
  const std::string source =
      "void f() {\n  kernel<float,\n         8>\n    <<<grid,\n       block>>>(a,\n  b); }\nint "
      "z;\n";
  const std::string text = translated(source);
  auto lines = [](const std::string& s) { return std::count(s.begin(), s.end(), '\n'); };
  CHECK(lines(text) == lines(source));
  CHECK(text.substr(0, text.find("int z")).find("b); }\n") != std::string::npos);
  // In a macro the lines are continued.
  const std::string macro = "#define L(k) k \\\n  <<<1, 2>>>(0)\nint z;\n";
  CHECK(lines(translated(macro)) == lines(macro));
  CHECK(has(translated(macro), "::simt::configuration(\\\n1, 2))(0)"));
}

TEST_CASE("a launch in a macro takes the name that the macro is given", "[simt][translate]") {
  CHECK(has(translated("#define L(k, ...) k<<<1, 2>>>(__VA_ARGS__)\n"), "{SIMT_TEXT(k), __FILE__"));
  CHECK(has(translated("#define L(k) k<<<1, 2>>>\n"), "::simt::configuration(1, 2))"));
}

TEST_CASE("names change their meaning in device code only", "[simt][translate]") {
  const std::string text = translated(
      "void host() { printf(\"a\"); clock(); memcpy(a, b, n); dim3 blockDim(4); f(blockDim.x); }\n"
      "__device__ void d() { printf(\"a\"); x.printf(1); t = clock(); memcpy(a, b, n); "
      "std::memset(a, 0, n); assert(i < n); p[threadIdx.x + blockDim.y * gridDim.z]; }\n"
      "__host__ __device__ void both() { printf(\"b\"); memcpy(a, b, n); }\n"
      "auto l = [=] __device__ (int i) { printf(\"c\"); };\n"
      "#define MARK static __device__ __forceinline__\nMARK int e() { return printf(\"d\"); }\n");
  CHECK(has(text,
            "host() { printf(\"a\"); clock(); memcpy(a, b, n); dim3 blockDim(4); f(blockDim.x)"));
  CHECK(has(text,
            "d() { SIMT_PRINTF(\"a\"); x.printf(1); t = ::simt::device_clock32(); "
            "::simt::device_memcpy(a, b, n); ::simt::device_memset(a, 0, n); "
            "SIMT_ASSERT(i < n); p[::simt::thread_x() + ::simt::block_dim_y() * "
            "::simt::grid_dim_z()]"));
  CHECK(has(text, "both() { SIMT_PRINTF(\"b\"); memcpy(a, b, n); }"));
  CHECK(has(text, "{ SIMT_PRINTF(\"c\"); }"));
  CHECK(has(text, "e() { return SIMT_PRINTF(\"d\"); }"));
}

TEST_CASE("__noinline__ is replaced, but not inside an attribute", "[simt][translate]") {
  CHECK(translated("__noinline__ __device__ void f(); __attribute__((__noinline__)) void g();") ==
        "SIMT_NOINLINE __device__ void f(); __attribute__((__noinline__)) void g();");
}

TEST_CASE("device variables go to their section, constants do not", "[simt][translate]") {
  CHECK(translated("__device__ int n = 3;") == "static SIMT_DEVICE_VARIABLE int n = 3;");
  CHECK(translated("static __device__ float t[2] = {1, 2};") ==
        "static SIMT_DEVICE_VARIABLE float t[2] = {1, 2};");
  CHECK(translated("__constant__ float c[4];") == "static SIMT_CONSTANT_VARIABLE float c[4];");
  CHECK(translated("__device__ const int k = 3;") ==
        "static SIMT_CONSTANT_VARIABLE const int k = 3;");
  CHECK(translated("__device__ const float* p;") == "static SIMT_DEVICE_VARIABLE const float* p;");
  CHECK(translated("extern __constant__ float c[4];") == "extern __constant__ float c[4];");
  CHECK(translated("__device__ int f(int);") == "__device__ int f(int);");
  CHECK(translated("__device__ std::array<int, 2> f(int) { return {1, 2}; }") ==
        "__device__ std::array<int, 2> f(int) { return {1, 2}; }");
}

TEST_CASE("errors name line, column and what is wrong", "[simt][translate]") {
  CHECK(error_of("int a;\n  k<<<1, 2>>>;\n") ==
        "2:4: <<<: no matching >>> followed by the arguments");
  CHECK(error_of("void f() { <<<1, 2>>>(a); }") == "1:12: <<<: no kernel name before it");
  CHECK(error_of("void f() { k<<<>>>(a); }") == "1:13: <<<>>>: grid and block are missing");
  CHECK(error_of("int a; /* b") == "1:8: unterminated comment");
  CHECK(error_of("auto a = \"b;\n") == "1:10: unterminated string");
  CHECK(error_of("auto a = R\"x(b)y\";") == "1:10: unterminated raw string");
}

TEST_CASE("what the simulator lacks is said in words", "[simt][translate]") {
  CHECK(error_of("__device__ void f() {\n  asm volatile(\"bar.sync 0;\");\n}") ==
        "2:3: the simulator does not support inline PTX (asm)");
  CHECK(error_of("__global__ void k() { other<<<1, 1>>>(); }") ==
        "1:23: the simulator does not support a launch inside a kernel (dynamic parallelism)");
  CHECK(error_of("#include <mma.h>") ==
        "1:1: the simulator does not support tensor cores (nvcuda::wmma)");
  CHECK(error_of("using namespace nvcuda;") ==
        "1:17: the simulator does not support tensor cores (nvcuda::wmma)");
  CHECK(error_of("texture<float, 1> t;") ==
        "1:1: the simulator does not support texture references");
  CHECK(error_of("__global__ void __cluster_dims__(2, 1, 1) k() {}") ==
        "1:17: the simulator does not support thread block clusters");
  // Host code may have assembly of its own, and a name alone is no texture.
  CHECK(has(translated("void f() { asm(\"pause\"); int texture = 3; }"), "asm(\"pause\")"));
}

TEST_CASE("inside an #if it is the compiler that complains, if it gets there",
          "[simt][translate]") {
  const std::string text = translated(
      "#if __CUDA_ARCH__ >= 800\n__device__ void f() { asm(\"x\"); }\n#include "
      "<cuda/barrier>\n#endif\n");
  CHECK(has(text,
            "_Pragma(\"GCC error \\\"the simulator does not support inline PTX (asm)\\\"\") asm"));
  CHECK(has(text, "#error \"the simulator does not support libcu++ (cuda::)\""));
  // An include guard is no such #if.
  CHECK(error_of("#ifndef A\n#define A\n__device__ void f() { asm(\"x\"); }\n#endif\n") ==
        "3:23: the simulator does not support inline PTX (asm)");
}

TEST_CASE("__CUDA_ARCH__ is known inside device code only", "[simt][translate]") {
  const std::string text = translated(
      "#if __CUDA_ARCH__ < 600\n#endif\n__global__ void k() {\n#if defined(__CUDA_ARCH__) && \\\n"
      "  __CUDA_ARCH__ >= 700\n  f(__CUDA_ARCH__);\n#endif\n#ifdef __CUDA_ARCH__\n#endif\n"
      "#ifndef __CUDA_ARCH__\n#endif\n}\n__host__ __device__ void h() {\n#ifdef __CUDA_ARCH__\n"
      "#endif\n}\n");
  CHECK(has(text, "#if __CUDA_ARCH__ < 600\n#endif"));
  CHECK(has(text, "#if 1 &&    900 >= 700\n\n  f(900);\n#endif\n#if 1\n#endif\n#if 0\n#endif\n}"));
  CHECK(has(text, "void h() {\n#ifdef __CUDA_ARCH__\n"));
  // Around device functions too.
  CHECK(has(translated("#if __CUDA_ARCH__ >= 700\n#if A\n#endif\n__device__ void f() {}\n#elif "
                       "__CUDA_ARCH__ > 1\n#endif\n"),
            "#if 900 >= 700\n#if A\n#endif\n__device__ void f() {}\n#elif 900 > 1\n"));
}

TEST_CASE("brackets that differ between branches of an #if do not confuse", "[simt][translate]") {
  const std::string text = translated(
      "#ifdef A\n__global__ void k(int a) {\n#else\n__global__ void k(float a) {\n#endif\n"
      "  __shared__ int s;\n  printf(\"x\");\n}\nvoid h() { k<<<1, 2>>>(3); printf(\"y\"); }\n");
  CHECK(has(text, "SIMT_PRINTF(\"x\")"));
  CHECK(has(text, "; printf(\"y\")"));
}
