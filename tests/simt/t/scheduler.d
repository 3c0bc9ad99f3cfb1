t/scheduler.o: /work/main/common/simt/scheduler.cpp \
 /work/main/common/simt/faults.h /work/main/common/simt/worker.h \
 /work/main/common/simt/core.h \
 /work/main/common/simt/include/driver_types.h \
 /work/main/common/simt/include/host_defines.h \
 /work/main/common/simt/include/simt/device_properties.h \
 /work/main/common/simt/include/simt/error_codes.h \
 /work/main/common/simt/include/vector_types.h \
 /work/main/common/simt/include/simt/vector_define.h \
 /work/main/common/simt/fiber.h /work/main/common/simt/observer.h \
 /work/main/common/simt/arena.h \
 /work/main/common/simt/include/simt/scheduler_api.h \
 /work/main/common/simt/tracing.h /work/main/common/simt/access_log.h
