# How one .cu file becomes code for three targets.
#
#   ladder_cuda_headers(FILE...)                 .cuh files that .cu files include
#   ladder_cuda_objects(NAME KIND FILE...)       an object library; KIND is native, traced or gpu
#   add_chapter(DIR HEADERS FILE... [SOURCES FILE...])
#   ladder_program_sources([CUDA FILE...] [HOST FILE...] [TRACED FILE...] [NATIVE FILE...])
#   ladder_programs()                            the executables, once everything is known
#   ladder_test(NAME [KIND native|traced] FILE...)
#
# For g++ a file is first translated (launches and __shared__ rewritten) into a mirror of the source
# tree under build/translated; quoted includes then find the translated headers.

set(LADDER_TRANSLATED ${CMAKE_BINARY_DIR}/translated)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(LADDER_MARCH_FLAG -mcpu=${LADDER_MARCH})
else()
  set(LADDER_MARCH_FLAG -march=${LADDER_MARCH})
endif()

# Kernel flags under g++; why each one is here is told in common/simt/README.md.
set(LADDER_KERNEL_FLAGS ${LADDER_MARCH_FLAG} -g1 -fno-strict-aliasing -fno-tree-sra -fno-ipa-sra
    -ffp-contract=off -fno-optimize-sibling-calls)
# (-fexpensive-optimizations would join neighbouring loads into a third, wider one, hooked as well.)
set(LADDER_TRACED_FLAGS -O2 -fno-expensive-optimizations -fsanitize=thread --param=tsan-instrument-func-entry-exit=0
    --param=tsan-distinguish-volatile=1)
# Small loops of constant length are unrolled whole, as nvcc does.
set(LADDER_UNROLL --param=max-completely-peel-times=32 --param=max-completely-peeled-insns=600)
set(LADDER_NATIVE_FLAGS -O3 ${LADDER_UNROLL})

add_library(ladder-warnings INTERFACE)
target_compile_options(ladder-warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wno-restrict $<$<BOOL:${LADDER_WERROR}>:-Werror>>
  $<$<COMPILE_LANGUAGE:CUDA>:$<$<BOOL:${LADDER_WERROR}>:-Werror=all-warnings>>)
target_include_directories(ladder-warnings INTERFACE ${CMAKE_SOURCE_DIR})

# Host C++ of ours: C++20, warnings, includes from the root.
function(ladder_host_library name)
  add_library(${name} STATIC ${ARGN})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PUBLIC ladder-warnings)
endfunction()

# Translates one file; sets `out` to the result.
function(ladder_translate file out)
  get_filename_component(absolute ${file} ABSOLUTE)
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${absolute})
  set(result ${LADDER_TRANSLATED}/${relative})
  if(result MATCHES "\\.cu$")
    string(APPEND result ".cpp")
  endif()
  get_property(known GLOBAL PROPERTY LADDER_TRANSLATED_FILES)
  if(NOT result IN_LIST known)
    get_filename_component(folder ${result} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    string(MAKE_C_IDENTIFIER ${relative} id)
    add_custom_command(OUTPUT ${result}.stamp
      BYPRODUCTS ${result}
      COMMAND cu_translate ${absolute} ${result}
      COMMAND ${CMAKE_COMMAND} -E touch ${result}.stamp
      DEPENDS ${absolute} cu_translate
      COMMENT "Translating ${relative}" VERBATIM)
    add_custom_target(translate-${id} DEPENDS ${result}.stamp)
    set_property(GLOBAL APPEND PROPERTY LADDER_TRANSLATED_FILES ${result})
    set_property(GLOBAL APPEND PROPERTY LADDER_TRANSLATIONS translate-${id})
    set_source_files_properties(${result} TARGET_DIRECTORY ladder-warnings PROPERTIES GENERATED ON)
  endif()
  set(${out} ${result} PARENT_SCOPE)
endfunction()

function(ladder_cuda_headers)
  foreach(file ${ARGN})
    ladder_translate(${file} ignored)
  endforeach()
endfunction()

function(ladder_cuda_objects name kind)
  if(kind STREQUAL "gpu")
    add_library(${name} OBJECT ${ARGN})
    target_compile_features(${name} PRIVATE cuda_std_17 cxx_std_17)
    set_target_properties(${name} PROPERTIES CUDA_SEPARABLE_COMPILATION OFF)
    target_link_libraries(${name} PRIVATE ladder-warnings CUDA::cudart_static)
    target_compile_options(${name} PRIVATE
      $<$<COMPILE_LANGUAGE:CUDA>:-lineinfo -Xptxas=-v,-warn-spills -diag-suppress=177>)
    return()
  endif()
  set(translated)
  foreach(file ${ARGN})
    ladder_translate(${file} result)
    list(APPEND translated ${result})
  endforeach()
  add_library(${name} OBJECT ${translated})
  set_source_files_properties(${translated} PROPERTIES GENERATED ON)
  set_property(GLOBAL APPEND PROPERTY LADDER_TRANSLATION_USERS ${name})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
  target_include_directories(${name} BEFORE PRIVATE ${LADDER_TRANSLATED})
  target_link_libraries(${name} PRIVATE ladder-warnings simt-${kind})
  string(TOUPPER ${kind} KIND)
  target_compile_options(${name} PRIVATE ${LADDER_KERNEL_FLAGS} ${LADDER_${KIND}_FLAGS})
endfunction()

# Every object library of translated files waits for all translations.
function(ladder_wire_translations)
  get_property(users GLOBAL PROPERTY LADDER_TRANSLATION_USERS)
  get_property(translations GLOBAL PROPERTY LADDER_TRANSLATIONS)
  foreach(user ${users})
    add_dependencies(${user} ${translations})
  endforeach()
endfunction()

function(ladder_program_sources)
  cmake_parse_arguments(arg "" "" "CUDA;HOST;TRACED;NATIVE;GPU" ${ARGN})
  foreach(part CUDA HOST TRACED NATIVE GPU)
    foreach(file ${arg_${part}})
      get_filename_component(absolute ${file} ABSOLUTE)
      set_property(GLOBAL APPEND PROPERTY LADDER_${part}_SOURCES ${absolute})
    endforeach()
  endforeach()
endfunction()

# One chapter: its kernels (headers) and chapter.cu, which registers it.
function(add_chapter dir)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES" ${ARGN})
  list(TRANSFORM arg_HEADERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/)
  ladder_cuda_headers(${arg_HEADERS} ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/decoder.cuh)
  ladder_program_sources(CUDA ${dir}/chapter.cu)
endfunction()

# ladder-native, ladder-traced and, where nvcc is, ladder-gpu: the same sources, three compilers.
function(ladder_programs)
  foreach(part CUDA HOST TRACED NATIVE GPU)
    get_property(${part}_SOURCES GLOBAL PROPERTY LADDER_${part}_SOURCES)
  endforeach()
  set(kinds native traced)
  if(LADDER_HAVE_CUDA)
    list(APPEND kinds gpu)
  endif()
  foreach(kind ${kinds})
    string(TOUPPER ${kind} KIND)
    ladder_cuda_objects(chapters-${kind} ${kind} ${CUDA_SOURCES})
    add_executable(ladder-${kind} ${HOST_SOURCES} ${${KIND}_SOURCES})
    target_compile_features(ladder-${kind} PRIVATE cxx_std_20)
    target_link_libraries(ladder-${kind} PRIVATE chapters-${kind} decode-${kind} ladder-warnings)
  endforeach()
endfunction()

# A test program: .cpp files as they are, .cu files through the KIND's compiler. With KIND it links
# that simulator; without, host libraries only.
function(ladder_test name)
  cmake_parse_arguments(arg "" "KIND" "LIBRARIES;DEFINITIONS" ${ARGN})
  set(cuda ${arg_UNPARSED_ARGUMENTS})
  list(FILTER cuda INCLUDE REGEX "\\.cu$")
  set(host ${arg_UNPARSED_ARGUMENTS})
  list(FILTER host EXCLUDE REGEX "\\.cu$")
  add_executable(${name} ${host})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE ladder-warnings ladder-catch ${arg_LIBRARIES})
  target_compile_definitions(${name} PRIVATE LADDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ${arg_DEFINITIONS})
  if(cuda)
    ladder_cuda_objects(${name}-cuda ${arg_KIND} ${cuda})
    target_link_libraries(${name}-cuda PRIVATE ladder-catch ${arg_LIBRARIES})
    target_compile_definitions(${name}-cuda PRIVATE LADDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ${arg_DEFINITIONS})
    target_link_libraries(${name} PRIVATE ${name}-cuda)
  endif()
  if(arg_KIND)
    target_link_libraries(${name} PRIVATE simt-${arg_KIND})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
