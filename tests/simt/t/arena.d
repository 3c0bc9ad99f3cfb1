t/arena.o: /work/main/common/simt/arena.cpp \
 /work/main/common/simt/arena.h /work/main/common/simt/host_memory.h
