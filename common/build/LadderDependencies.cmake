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
  find_program(LADDER_NVCC NAMES $ENV{CUDACXX} nvcc PATHS /usr/local/cuda/bin)
  if(LADDER_NVCC)
    set(ENV{CUDACXX} ${LADDER_NVCC})  # check_language tries this one, and may refuse it
  endif()
  if(LADDER_NVCC AND NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    # The GPUs that ladder-gpu holds code for; an older nvcc does not know the newest of them.
    execute_process(COMMAND ${LADDER_NVCC} --list-gpu-code OUTPUT_VARIABLE known ERROR_QUIET)
    foreach(sm 75 80 90)
      if(known MATCHES "sm_${sm}")
        list(APPEND CMAKE_CUDA_ARCHITECTURES ${sm}-real)
        set(newest ${sm})
      endif()
    endforeach()
    list(APPEND CMAKE_CUDA_ARCHITECTURES ${newest}-virtual)
  endif()
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(LADDER_HAVE_CUDA ON)
  else()
    message(STATUS "nvcc: none that works, ladder-gpu is left out (./ladder doctor says more)")
  endif()
endif()

# Thrust for g++: the distro's libthrust-dev, else the CUDA toolkit's CCCL.
find_path(LADDER_THRUST_DIR thrust/version.h
  PATHS ${CUDAToolkit_INCLUDE_DIRS} /usr/local/cuda/include
  PATH_SUFFIXES cccl)
if(NOT LADDER_THRUST_DIR)
  message(FATAL_ERROR "Thrust is missing: install libthrust-dev (or the CUDA toolkit)")
endif()

# The visualizer's: optional, ladder-viz is left out without them. A static ImGui needs stb.
set(LADDER_HAVE_VIZ OFF CACHE INTERNAL "ladder-viz can be built")
pkg_check_modules(IMGUI IMPORTED_TARGET imgui<1.92)  # libimgui-dev, 1.86 or newer; 1.92 changed the fonts
pkg_check_modules(STB IMPORTED_TARGET stb)           # libstb-dev
pkg_check_modules(GLFW IMPORTED_TARGET glfw3)        # libglfw3-dev
# CMake's FindOpenGL has an EGL only where libOpenGL's headers are too, which nothing here uses.
pkg_check_modules(EGL IMPORTED_TARGET egl)           # libegl-dev
if(IMGUI_FOUND AND STB_FOUND AND GLFW_FOUND AND EGL_FOUND)
  set(LADDER_HAVE_VIZ ON CACHE INTERNAL "ladder-viz can be built")
else()
  message(STATUS "ladder-viz is left out: it needs imgui (1.86 to 1.91), stb, glfw3 and EGL with their headers")
endif()
