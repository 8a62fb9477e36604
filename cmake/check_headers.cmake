# `check_headers`: every header compiles on its own. One source per header that includes nothing else, so that the build
# tool knows what each depends on and a second run compiles only what has changed.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/leat.hpp
     ${PROJECT_SOURCE_DIR}/testing.hpp
     ${PROJECT_SOURCE_DIR}/base/*.hpp ${PROJECT_SOURCE_DIR}/messages/*.hpp ${PROJECT_SOURCE_DIR}/operators/*.hpp
     ${PROJECT_SOURCE_DIR}/persistence/*.hpp ${PROJECT_SOURCE_DIR}/connectors/*.hpp ${PROJECT_SOURCE_DIR}/actors/*.hpp
     ${PROJECT_SOURCE_DIR}/pipeline/*.hpp ${PROJECT_SOURCE_DIR}/apps/*.hpp ${PROJECT_SOURCE_DIR}/tests/*.hpp
     ${PROJECT_SOURCE_DIR}/bench/*.hpp)

set(sources)
foreach(header ${headers})
  set(source ${PROJECT_BINARY_DIR}/check_headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <leat/${header}>\n")
  list(APPEND sources ${source})
endforeach()

add_library(check_headers OBJECT EXCLUDE_FROM_ALL ${sources})
target_compile_features(check_headers PRIVATE cxx_std_20)
target_compile_options(check_headers PRIVATE -O0)
target_include_directories(check_headers PRIVATE ${LEAT_INCLUDE_DIRS})
# Not the layers: their headers are enough, and nobody has to wait for their libraries.
target_link_libraries(check_headers PRIVATE leat_flags Boost::headers fmt::fmt caf_core PkgConfig::RDKAFKA
                                            PkgConfig::LMDB)
# Headers that are made, for those that include them and for clang-tidy.
foreach(made shop_messages golden_messages leat_bench_messages)
  if(TARGET ${made})
    target_link_libraries(check_headers PRIVATE ${made})
  endif()
endforeach()
