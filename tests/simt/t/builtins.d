t/builtins.o: /work/main/common/simt/builtins.cpp \
 /work/main/common/simt/arena.h \
 /work/main/common/simt/include/simt/atomics.h \
 /work/main/common/simt/include/simt/keywords.h \
 /work/main/common/simt/include/host_defines.h \
 /work/main/common/simt/include/simt/scheduler_api.h \
 /work/main/common/simt/include/vector_types.h \
 /work/main/common/simt/include/simt/vector_define.h \
 /work/main/common/simt/include/simt/debug.h \
 /work/main/common/simt/core.h \
 /work/main/common/simt/include/driver_types.h \
 /work/main/common/simt/include/simt/device_properties.h \
 /work/main/common/simt/include/simt/error_codes.h \
 /work/main/common/simt/include/simt/memory.h \
 /work/main/common/simt/include/simt/warp.h
