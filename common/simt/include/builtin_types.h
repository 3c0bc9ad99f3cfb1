// The types of CUDA's runtime API and its vector types, under the name that some programs include.
#pragma once

#include "driver_types.h"
#include "vector_types.h"
