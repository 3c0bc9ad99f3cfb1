// cudaProfilerStart and cudaProfilerStop, accepted as hints.
#pragma once

#include "cuda_runtime_api.h"
