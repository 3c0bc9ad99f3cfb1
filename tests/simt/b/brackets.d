b/brackets.o: /work/main/common/simt/translate/brackets.cpp \
 /work/main/common/simt/translate/brackets.h \
 /work/main/common/simt/translate/lexer.h
