// Everything that CUDA C++ gives device code without an #include. cuda_runtime.h includes it.
#pragma once

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmath>

#include "driver_types.h"
#include "simt/atomics.h"
#include "simt/conversions.h"
#include "simt/debug.h"
#include "simt/integer.h"
#include "simt/kernel_launch.h"
#include "simt/keywords.h"
#include "simt/math.h"
#include "simt/memory.h"
#include "simt/position.h"
#include "simt/scheduler_api.h"
#include "simt/synchronize.h"
#include "simt/warp.h"
#include "vector_functions.h"
#include "vector_types.h"
