t/fiber.o: /work/main/common/simt/fiber.cpp \
 /work/main/common/simt/fiber.h
