# One folder, one layer, one library: `leat_layer(operators DEPENDS messages)` makes `leat_operators` (alias
# `leat::operators`) from the folder's sources and those of its SUBFOLDERS, linked to the layers below it. The repository's root
# is visible as `leat/…` through a link in the build folder, as it is after installation; generated headers lie beside it.
# DIRECTORY makes a library of a folder inside; PRECOMPILE says what else is precompiled for it.
set(LEAT_INCLUDE_DIRS ${PROJECT_BINARY_DIR}/include ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include)
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include/leat SYMBOLIC)
configure_file(${PROJECT_SOURCE_DIR}/cmake/version.hpp.in ${PROJECT_BINARY_DIR}/generated/leat/base/version.hpp @ONLY)

add_library(leat_flags INTERFACE)
target_compile_options(leat_flags INTERFACE -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> -Wnon-virtual-dtor $<$<BOOL:${LEAT_WERROR}>:-Werror>)
if(LEAT_SANITIZE)
  target_compile_options(leat_flags INTERFACE -fsanitize=${LEAT_SANITIZE} -fno-omit-frame-pointer
                                              -fno-sanitize-recover=all)
  if(LEAT_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # calls instead of instructions in place: the same checks, in 10 % less time to compile
    target_compile_options(leat_flags INTERFACE --param=asan-instrumentation-with-call-threshold=0)
  endif()
  target_link_options(leat_flags INTERFACE -fsanitize=${LEAT_SANITIZE})
endif()
if(LEAT_FUZZ) # libFuzzer is a part of clang; its own builtins know the products of 128 bits that the sanitizer checks
  target_compile_options(leat_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(leat_flags INTERFACE -rtlib=compiler-rt --unwindlib=libgcc)
endif()

function(leat_layer name)
  cmake_parse_arguments(arg "" "DIRECTORY;PRECOMPILE" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;SUBFOLDERS" ${ARGN})
  set(folders ${CMAKE_CURRENT_SOURCE_DIR}/${arg_DIRECTORY} ${arg_SUBFOLDERS})
  list(TRANSFORM folders APPEND /*.cpp)
  file(GLOB sources CONFIGURE_DEPENDS ${folders})
  if(sources)
    add_library(leat_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(leat_${name} PRIVATE $<BUILD_INTERFACE:leat_flags> ${arg_PRIVATE_LIBRARIES})
    leat_precompile(leat_${name} ${arg_PRECOMPILE})
    if(LEAT_UNITY)
      set_target_properties(leat_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    endif()
  else()
    add_library(leat_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(leat::${name} ALIAS leat_${name})
  set_target_properties(leat_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(leat_${name} ${scope} cxx_std_20)
  target_include_directories(leat_${name} ${scope} "$<BUILD_INTERFACE:${LEAT_INCLUDE_DIRS}>" $<INSTALL_INTERFACE:include>)
  list(TRANSFORM arg_DEPENDS PREPEND leat::)
  target_link_libraries(leat_${name} ${scope} ${arg_DEPENDS} ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY LEAT_LAYERS leat_${name})
endfunction()
