n/runtime_pinned.o: /work/main/common/simt/runtime_pinned.cpp \
 /work/main/common/simt/runtime_state.h /work/main/common/simt/arena.h \
 /work/main/common/simt/observer.h /work/main/common/simt/core.h \
 /work/main/common/simt/include/driver_types.h \
 /work/main/common/simt/include/host_defines.h \
 /work/main/common/simt/include/simt/device_properties.h \
 /work/main/common/simt/include/simt/error_codes.h \
 /work/main/common/simt/include/vector_types.h \
 /work/main/common/simt/include/simt/vector_define.h \
 /work/main/common/simt/runtime.h \
 /work/main/common/simt/include/cuda_runtime_api.h
