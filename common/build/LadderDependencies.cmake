# Finds the distro packages that the project stands on. Nothing is downloaded.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)                      # nlohmann-json3-dev
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)  # libpcre2-dev: tokenizers' regexes
pkg_check_modules(LIBDW REQUIRED IMPORTED_TARGET libdw)       # libdw-dev: a fault's file and line

# CUDA: optional, and never needed by another target.
set(LADDER_HAVE_CUDA OFF)
if(LADDER_GPU)
  include(CheckLanguage)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90-real 90-virtual)
  endif()
  if(NOT CMAKE_CUDA_COMPILER AND EXISTS /usr/local/cuda/bin/nvcc)
    set(CMAKE_CUDA_COMPILER /usr/local/cuda/bin/nvcc)
  endif()
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(LADDER_HAVE_CUDA ON)
  else()
    message(STATUS "nvcc: not found, ladder-gpu is left out (./ladder doctor says more)")
  endif()
endif()

# Thrust for g++: the distro's libthrust-dev, else the CUDA toolkit's CCCL.
find_path(LADDER_THRUST_DIR thrust/version.h
  PATHS ${CUDAToolkit_INCLUDE_DIRS} /usr/local/cuda/include
  PATH_SUFFIXES cccl)
if(NOT LADDER_THRUST_DIR)
  message(FATAL_ERROR "Thrust is missing: install libthrust-dev (or the CUDA toolkit)")
endif()
