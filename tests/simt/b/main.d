b/main.o: /work/main/common/simt/translate/main.cpp \
 /work/main/common/simt/translate/translate.h
