b/lexer.o: /work/main/common/simt/translate/lexer.cpp \
 /work/main/common/simt/translate/lexer.h \
 /work/main/common/simt/translate/brackets.h
