// Which hooks g++ calls for the usual ways of touching memory: the ground that counting stands on.
// Each snippet is compiled with the traced target's flags, and the calls in its assembly are read.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "tests/catch.h"

namespace {

struct Shape {
  const char* name;
  const char* code;   // of a function with the parameters below
  const char* hooks;  // in order, without "__tsan_"
};

constexpr char kParameters[] =
    "float* f, const float* g, float4* p, const float4* q, uint4* u, __nv_bfloat16* h, "
    "__nv_bfloat162* h2, __half* s, float2* p2, uchar4* c4, const volatile float* v, int i, float "
    "a, "
    "int n";

const Shape kShapes[] = {
    // Whole vectors: one hook of their width.
    {"load_whole", "float4 x = q[i]; f[0] = x.x + x.y + x.z + x.w;", "read16 write4"},
    {"load_cast", "float4 x = *reinterpret_cast<const float4*>(g + i); f[0] = x.x + x.w;",
     "read16 write4"},
    {"load_ldg", "float4 x = __ldg(q + i); f[0] = x.x + x.w;", "read16 write4"},
    {"store_make", "p[i] = make_float4(a, a, a, a);", "write16"},
    {"store_constants", "p[i] = make_float4(0, 1, 2, 3);", "write16"},
    {"store_zeros", "p[i] = make_float4(0, 0, 0, 0); u[i] = make_uint4(0, 0, 0, 0);",
     "write16 write16"},
    {"store_variable", "float4 x; x.x = a; x.y = a; x.z = a; x.w = a; p[i] = x;", "write16"},
    {"store_cast", "*reinterpret_cast<float4*>(f + i) = make_float4(a, a, a, a);", "write16"},
    {"store_stcs", "__stcs(p + i, make_float4(a, a, a, a));", "write16"},
    {"change", "float4 x = q[i]; x.x *= a; x.w *= a; p[i] = x;", "read16 write16"},
    {"copy_ldg", "p[i] = __ldg(q + i);", "read16 write16"},
    {"copy", "p[i] = q[i];", "write16 read16"},  // one statement: the store's hook comes first
    {"registers",
     "float4 x[4]; for (int k = 0; k < 4; ++k) x[k] = q[i + k * 32];"
     "float sum = 0; for (int k = 0; k < 4; ++k) sum += x[k].x * x[k].w; f[i] = sum;",
     "read16 write4"},
    {"pair", "float2 x = p2[i]; p2[i + n] = make_float2(x.y, x.x);", "read8 write8"},
    {"bytes4", "uchar4 x = c4[i]; c4[i + n] = make_uchar4(x.w, x.z, x.y, x.x);", "read4 write4"},
    // Eight bf16 through one 16-byte load; reads of the register copy are not device memory.
    {"bf16_by_8",
     "uint4 x = u[i]; const __nv_bfloat16* b = reinterpret_cast<const __nv_bfloat16*>(&x);"
     "float sum = 0; for (int k = 0; k < 8; ++k) sum += __bfloat162float(b[k]); f[0] = sum;",
     "read16 read2 write4"},
    {"bf16_pairs_by_4",
     "uint4 x = u[i]; const __nv_bfloat162* b = reinterpret_cast<const __nv_bfloat162*>(&x);"
     "float sum = 0; for (int k = 0; k < 4; ++k) sum += __bfloat1622float2(b[k]).x; f[0] = sum;",
     "read16 read4 write4"},
    {"bf16_by_shift", "uint4 x = u[i]; f[0] = __uint_as_float(x.x << 16) + __uint_as_float(x.w);",
     "read16 write4"},
    {"bf16_load", "f[0] = __bfloat162float(h[i]);", "read2 write4"},
    {"bf16_store", "h[i] = __float2bfloat16(a);", "write2"},
    {"bf16_pair", "h2[i] = __floats2bfloat162_rn(__low2float(h2[n]), a);", "read4 write4"},
    {"half_load", "f[0] = __half2float(s[i]);", "read2 write4"},
    // Member by member: a hook each, which the recorder joins.
    {"load_members", "f[0] = q[i].x + q[i].y + q[i].z + q[i].w;", "read4 read4 read4 read4 write4"},
    {"store_members", "p[i].x = a; p[i].y = a; p[i].z = a; p[i].w = a;",
     "write4 write4 write4 write4"},
    {"store_braces", "p[i] = {a, a, a, a};", "write4 write4 write4 write4"},
    {"load_one", "f[0] = q[i].y;", "read4 write4"},
    // Scalars.
    {"accumulate", "f[i] += a;", "read4 write4"},
    {"guarded", "float x = i < n ? g[i] : 0.0f; f[i] = x;", "read4 write4"},
    {"volatile_load", "f[0] = v[i];", "volatile_read4 write4"},
    // No hook for a load that the source does not have.
    {"neighbours",
     "const unsigned* w = reinterpret_cast<const unsigned*>(g) + 3 * i;"
     "*reinterpret_cast<unsigned long long*>(f) = static_cast<unsigned long long>(w[1]) << 32 | "
     "w[0];",
     "read4 read4 write8"},
    // Copies: by the linker's counting memcpy and memset.
    {"copy_run_time", "simt::device_memcpy(f, g, n); simt::device_memset(f, 0, 64);",
     "memcpy memset"},
    {"copy_word", "simt::device_memcpy(f, g, 4);", "read_range write_range"},
    // Positions are no accesses, and are asked for once.
    {"position", "f[::simt::thread_x()] = 1; f[::simt::thread_x() + n] = 2;",
     "thread_x write4 write4"},
};

std::string run(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (size_t n = fread(buffer, 1, sizeof(buffer), pipe)) output.append(buffer, n);
  REQUIRE(pclose(pipe) == 0);
  return output;
}

// The functions that each function of the assembly calls, in order.
std::map<std::string, std::string> calls(const std::string& assembly) {
  std::map<std::string, std::string> result;
  std::string line, function;
  std::istringstream lines(assembly);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word, target;
    words >> word;
    const bool label = !line.empty() && line[0] != '.' && line[0] != '#' &&
                       !std::isspace(static_cast<unsigned char>(line[0]));
    if (label)
      function = line.compare(0, 6, "shape_") == 0 ? word.substr(6, word.find(':') - 6) : "";
    bool call = word == "call" || word == "callq" || word == "bl" || word == "b" || word == "jmp";
    if (!call || !(words >> target) || target[0] == '.' || function.empty()) continue;
    target = target.substr(0, target.find('@'));
    if (target.compare(0, 7, "__tsan_") == 0) target = target.substr(7);
    if (target.find("thread_x") != std::string::npos) target = "thread_x";
    std::string& list = result[function];
    list += (list.empty() ? "" : " ") + target;
  }
  return result;
}

}  // namespace

TEST_CASE("each way of touching memory calls the hooks that it should", "[simt][hooks]") {
  char folder[] = "/tmp/simt-hooks-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::string source = std::string(folder) + "/shapes.cpp";
  {
    std::ofstream file(source);
    file << "#include <cuda_bf16.h>\n#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n";
    for (const Shape& shape : kShapes) {
      file << "extern \"C\" void shape_" << shape.name << "(" << kParameters << ") { " << shape.code
           << " }\n";
    }
  }
  const std::string root = LADDER_SOURCE_DIR;
  const auto seen =
      calls(run(std::string(LADDER_CXX) + " -std=c++17 " + LADDER_FLAGS + " -w -DSIMT_TRACED=1 -I" +
                root + " -I" + root + "/common/simt/include -S -o - " + source));
  for (const Shape& shape : kShapes) {
    CAPTURE(shape.name, shape.code);
    const auto found = seen.find(shape.name);
    REQUIRE(found != seen.end());
    CHECK(found->second == shape.hooks);
  }
  std::remove(source.c_str());
  std::remove(folder);
}
