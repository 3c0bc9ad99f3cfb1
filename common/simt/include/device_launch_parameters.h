// Some programs include this for threadIdx and its like.
#pragma once

#include "simt/position.h"
