// Some programs include this for threadIdx and its like.
#pragma once

#define __DEVICE_LAUNCH_PARAMETERS_H__  // programs ask for this to know that the header is there

#include "simt/position.h"
