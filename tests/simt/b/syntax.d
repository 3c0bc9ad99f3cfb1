b/syntax.o: /work/main/common/simt/translate/syntax.cpp \
 /work/main/common/simt/translate/syntax.h \
 /work/main/common/simt/translate/lexer.h
