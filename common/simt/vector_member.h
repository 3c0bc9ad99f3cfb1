// Which accesses of a lane are members of one CUDA vector. nvcc loads `p[i].x + p[i].y` of a float2
// with one 8-byte access, because the type promises the alignment; g++ calls a hook for each
// member, and a hook knows no types. The source does: the debug information gives an access's line
// and column, and the text there names the member.
#pragma once

#include <cstdint>

namespace simt {

constexpr int kNoMember = -1;
constexpr int kBraces = 4;  // a part of `p[i] = {...}` or `p[i] = float4{...}`

// 0 to 3 for an access to a member x, y, z or w; kBraces; or kNoMember, also when the source cannot
// be read. `pc`: what the hook returns to.
int vector_member(uint64_t pc);

}  // namespace simt
