// Integer intrinsics. Semantics: CUDA Math API, "Integer Intrinsics" and "SIMD Intrinsics".
#pragma once

#include <cstdint>

#include "simt/keywords.h"
#include "vector_types.h"

SIMT_BUILTIN int __popc(unsigned x) { return __builtin_popcount(x); }
SIMT_BUILTIN int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
SIMT_BUILTIN int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
SIMT_BUILTIN int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
SIMT_BUILTIN int __ffs(int x) { return __builtin_ffs(x); }
SIMT_BUILTIN int __ffsll(long long x) { return __builtin_ffsll(x); }

SIMT_BUILTIN unsigned __brev(unsigned x) {
  x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
  x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
  x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
  return __builtin_bswap32(x);
}
SIMT_BUILTIN unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x))) << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}

// Byte i of the result is byte (selector >> 4i) & 7 of y:x. PTX's replicated-sign mode (bit 3 of a
// selector) is not reachable through __byte_perm.
SIMT_BUILTIN unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const uint64_t bytes = static_cast<uint64_t>(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned which = selector >> (4 * i) & 7;
    result |= static_cast<unsigned>(bytes >> (8 * which) & 0xff) << (8 * i);
  }
  return result;
}

SIMT_BUILTIN unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  const uint64_t both = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(both << (shift & 31) >> 32);
}
SIMT_BUILTIN unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  const uint64_t both = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(both >> (shift & 31));
}
SIMT_BUILTIN unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  const uint64_t both = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(both << (shift < 32 ? shift : 32) >> 32);
}
SIMT_BUILTIN unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  const uint64_t both = static_cast<uint64_t>(high) << 32 | low;
  return static_cast<unsigned>(both >> (shift < 32 ? shift : 32));
}

SIMT_BUILTIN int __mulhi(int a, int b) {
  return static_cast<int>(static_cast<int64_t>(a) * b >> 32);
}
SIMT_BUILTIN unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32);
}
SIMT_BUILTIN long long __mul64hi(long long a, long long b) {
  return static_cast<long long>(static_cast<__int128>(a) * b >> 64);
}
SIMT_BUILTIN unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}

// The low 32 bits of the product of the operands' low 24 bits.
SIMT_BUILTIN int __mul24(int a, int b) {
  const int64_t x = static_cast<int>(static_cast<unsigned>(a) << 8) >> 8;
  const int64_t y = static_cast<int>(static_cast<unsigned>(b) << 8) >> 8;
  return static_cast<int>(x * y);
}
SIMT_BUILTIN unsigned __umul24(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<uint64_t>(a & 0xffffff) * (b & 0xffffff));
}

SIMT_BUILTIN unsigned __sad(int a, int b, unsigned c) {
  const int64_t difference = static_cast<int64_t>(a) - b;
  return static_cast<unsigned>(difference < 0 ? -difference : difference) + c;
}
SIMT_BUILTIN unsigned __usad(unsigned a, unsigned b, unsigned c) {
  return (a < b ? b - a : a - b) + c;
}
SIMT_BUILTIN int __hadd(int a, int b) {
  return static_cast<int>((static_cast<int64_t>(a) + b) >> 1);
}
SIMT_BUILTIN int __rhadd(int a, int b) {
  return static_cast<int>((static_cast<int64_t>(a) + b + 1) >> 1);
}
SIMT_BUILTIN unsigned __uhadd(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) + b) >> 1);
}
SIMT_BUILTIN unsigned __urhadd(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) + b + 1) >> 1);
}

namespace simt {
// Byte i of a word, sign-extended or not.
SIMT_BUILTIN int signed_byte(unsigned word, int i) {
  return static_cast<signed char>(word >> (8 * i));
}
SIMT_BUILTIN unsigned unsigned_byte(unsigned word, int i) { return word >> (8 * i) & 0xff; }
}  // namespace simt

#ifdef __SSE4_1__
namespace simt {
typedef int Words __attribute__((vector_size(16)));
typedef short Halves __attribute__((vector_size(16)));
typedef char Bytes __attribute__((vector_size(16)));
// The four signed bytes of a word, as 16-bit numbers.
SIMT_BUILTIN Halves widened_bytes(int word) {
  return __builtin_ia32_pmovsxbw128(reinterpret_cast<Bytes>(Words{word, 0, 0, 0}));
}
}  // namespace simt
#endif

// Four products of bytes, added to c. Wraps on overflow.
SIMT_BUILTIN int __dp4a(int a, int b, int c) {
#ifdef __SSE4_1__  // g++ does not find this by itself; it is more than twice as fast
  const simt::Words pairs =
      __builtin_ia32_pmaddwd128(simt::widened_bytes(a), simt::widened_bytes(b));
  return static_cast<int>(static_cast<unsigned>(c) + static_cast<unsigned>(pairs[0]) +
                          static_cast<unsigned>(pairs[1]));
#else
  unsigned sum = static_cast<unsigned>(c);
  for (int i = 0; i < 4; ++i) {
    sum += static_cast<unsigned>(simt::signed_byte(static_cast<unsigned>(a), i) *
                                 simt::signed_byte(static_cast<unsigned>(b), i));
  }
  return static_cast<int>(sum);
#endif
}
SIMT_BUILTIN unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  unsigned sum = c;
  for (int i = 0; i < 4; ++i) sum += simt::unsigned_byte(a, i) * simt::unsigned_byte(b, i);
  return sum;
}
SIMT_BUILTIN int __dp4a(char4 a, char4 b, int c) {
  return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}
SIMT_BUILTIN unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
  return c + static_cast<unsigned>(a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w);
}

SIMT_BUILTIN unsigned umin(unsigned a, unsigned b) { return b < a ? b : a; }
SIMT_BUILTIN unsigned umax(unsigned a, unsigned b) { return a < b ? b : a; }
SIMT_BUILTIN long long llmin(long long a, long long b) { return b < a ? b : a; }
SIMT_BUILTIN long long llmax(long long a, long long b) { return a < b ? b : a; }
SIMT_BUILTIN unsigned long long ullmin(unsigned long long a, unsigned long long b) {
  return b < a ? b : a;
}
SIMT_BUILTIN unsigned long long ullmax(unsigned long long a, unsigned long long b) {
  return a < b ? b : a;
}
