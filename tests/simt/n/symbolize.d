n/symbolize.o: /work/main/common/simt/symbolize.cpp \
 /work/main/common/simt/symbolize.h
