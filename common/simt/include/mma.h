// Tensor cores are not simulated.
#pragma once

#error "the simulator does not support tensor cores (nvcuda::wmma)"
