n/host_memory.o: /work/main/common/simt/host_memory.cpp \
 /work/main/common/simt/host_memory.h
