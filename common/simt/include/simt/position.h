// threadIdx, blockIdx, blockDim, gridDim, warpSize. The translator turns `threadIdx.x` into
// ::simt::thread_x(); these objects are for what is left (`uint3 t = threadIdx;`), and for code
// that it did not see.
#pragma once

#include "simt/keywords.h"
#include "simt/scheduler_api.h"

namespace simt {

template <unsigned (*read)()>
struct Coordinate {
  SIMT_BUILTIN operator unsigned() const { return read(); }
};

template <unsigned (*read_x)(), unsigned (*read_y)(), unsigned (*read_z)()>
struct Position {
  Coordinate<read_x> x;
  Coordinate<read_y> y;
  Coordinate<read_z> z;
  SIMT_BUILTIN operator uint3() const { return uint3{read_x(), read_y(), read_z()}; }
};

// dim3 converts from uint3 by itself; offering both conversions would be ambiguous.
template <unsigned (*read_x)(), unsigned (*read_y)(), unsigned (*read_z)()>
struct Extent {
  Coordinate<read_x> x;
  Coordinate<read_y> y;
  Coordinate<read_z> z;
  SIMT_BUILTIN operator dim3() const { return dim3(read_x(), read_y(), read_z()); }
};

}  // namespace simt

inline constexpr simt::Position<simt::thread_x, simt::thread_y, simt::thread_z> threadIdx{};
inline constexpr simt::Position<simt::block_x, simt::block_y, simt::block_z> blockIdx{};
inline constexpr simt::Extent<simt::block_dim_x, simt::block_dim_y, simt::block_dim_z> blockDim{};
inline constexpr simt::Extent<simt::grid_dim_x, simt::grid_dim_y, simt::grid_dim_z> gridDim{};
inline constexpr int warpSize = 32;
