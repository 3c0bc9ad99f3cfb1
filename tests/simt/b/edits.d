b/edits.o: /work/main/common/simt/translate/edits.cpp \
 /work/main/common/simt/translate/edits.h
