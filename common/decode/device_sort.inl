// The bodies of device_sort.h. The including file defines policy(pool, stream) first.

#include <thrust/binary_search.h>
#include <thrust/extrema.h>
#include <thrust/functional.h>
#include <thrust/scan.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include <algorithm>
#include <cmath>  // exp

namespace decode {
namespace {

struct Scale {
  float factor;
  __host__ __device__ float operator()(float value) const { return value * factor; }
};

// In double: then the order in which a backend adds hardly matters to the sum, so that all targets
// draw the same tokens.
struct Weight {
  const float* keys;
  __host__ __device__ double operator()(float key) const {
    return exp(static_cast<double>(key) - static_cast<double>(keys[0]));
  }
};

}  // namespace

int index_of_max(DevicePool& pool, DeviceStream stream, const float* values, int count) {
  PoolAllocator allocator(pool);
  return static_cast<int>(thrust::max_element(policy(allocator, stream), values, values + count) -
                          values);
}

void sort_descending(DevicePool& pool, DeviceStream stream, const float* values, float factor,
                     float* keys, int* ids, int count) {
  PoolAllocator allocator(pool);
  thrust::transform(policy(allocator, stream), values, values + count, keys, Scale{factor});
  thrust::sequence(policy(allocator, stream), ids, ids + count);
  thrust::stable_sort_by_key(policy(allocator, stream), keys, keys + count, ids,
                             thrust::greater<float>());
}

double sum_exponentials(DevicePool& pool, DeviceStream stream, const float* keys,
                        double* cumulative, int count) {
  PoolAllocator allocator(pool);
  thrust::transform(policy(allocator, stream), keys, keys + count, cumulative, Weight{keys});
  thrust::inclusive_scan(policy(allocator, stream), cumulative, cumulative + count, cumulative);
  return thrust::transform_reduce(policy(allocator, stream), keys, keys + count, Weight{keys}, 0.0,
                                  thrust::plus<double>());
}

int index_reaching(DevicePool& pool, DeviceStream stream, const double* cumulative, int count,
                   double threshold, bool above) {
  PoolAllocator allocator(pool);
  const double* end = cumulative + count;
  const double* place =
      above ? thrust::upper_bound(policy(allocator, stream), cumulative, end, threshold)
            : thrust::lower_bound(policy(allocator, stream), cumulative, end, threshold);
  return std::min(static_cast<int>(place - cumulative), count - 1);
}

}  // namespace decode
