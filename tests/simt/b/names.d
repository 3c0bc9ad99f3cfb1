b/names.o: /work/main/common/simt/translate/names.cpp \
 /work/main/common/simt/translate/passes.h \
 /work/main/common/simt/translate/edits.h \
 /work/main/common/simt/translate/lexer.h \
 /work/main/common/simt/translate/syntax.h \
 /work/main/common/simt/translate/translate.h
