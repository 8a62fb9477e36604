# Everything Leat stands on, from Debian 12's packages. `docs/dependencies.md` says what each is for.
# Read by Leat's own build and, installed beside `leatConfig.cmake`, by every project that says find_package(leat).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx libpq)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)

# Debian's CAF has no CMake package.
find_path(CAF_INCLUDE_DIR caf/all.hpp REQUIRED)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
if(NOT TARGET caf_core)
  add_library(caf_core INTERFACE IMPORTED)
  target_include_directories(caf_core SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
  target_link_libraries(caf_core INTERFACE ${CAF_CORE_LIBRARY} Threads::Threads)
endif()
