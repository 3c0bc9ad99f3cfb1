b/translate.o: /work/main/common/simt/translate/translate.cpp \
 /work/main/common/simt/translate/translate.h \
 /work/main/common/simt/translate/passes.h \
 /work/main/common/simt/translate/edits.h \
 /work/main/common/simt/translate/lexer.h \
 /work/main/common/simt/translate/syntax.h
