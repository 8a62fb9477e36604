# `leat_precompile(target [ACTORS] [API] [TESTS])`: what most sources of the target include is read once per build instead of
# once per source. Headers from outside, which do not change while one works here, so that a change of a header of Leat
# compiles what includes that header, and nothing else; for programs on the typed API (`API`) and for tests of actors also what
# they depend on anyway. The preset `check` builds without, so that every source names what it uses.
#
# Each kind (with CAF, with the API, with Catch) is made by the first target that asks; the others reuse it.
function(leat_precompile target)
  if(NOT LEAT_PCH)
    return()
  endif()
  cmake_parse_arguments(arg "ACTORS;API;TESTS" "" "" ${ARGN})
  set(headers
      <algorithm> <array> <atomic> <charconv> <chrono> <deque> <exception> <functional> <iterator> <limits> <map> <memory> <mutex>
      <numeric> <optional> <set> <span> <sstream> <stdexcept> <string> <string_view> <tuple> <type_traits> <unordered_map>
      <utility> <variant> <vector> <boost/container/small_vector.hpp> <boost/describe.hpp> <boost/mp11/algorithm.hpp>
      <boost/unordered/unordered_flat_map.hpp>
      ${PROJECT_SOURCE_DIR}/cmake/compiled_fmt.hpp)
  set(kind leat_precompiled)
  set(libraries leat_flags Boost::headers fmt::fmt)
  if(arg_ACTORS)
    string(APPEND kind _actors)
    list(APPEND headers <caf/actor_system.hpp> <caf/actor_system_config.hpp> <caf/event_based_actor.hpp> <caf/send.hpp>
         <caf/stateful_actor.hpp>)
    list(APPEND libraries caf_core)
  endif()
  if(arg_API)
    string(APPEND kind _api)
    list(APPEND headers <leat/leat.hpp>)
    list(APPEND libraries leat::pipeline)
  endif()
  if(arg_TESTS)
    string(APPEND kind _tests)
    list(APPEND headers <catch2/catch.hpp>)
    if(arg_ACTORS)
      list(APPEND headers <leat/tests/support/deterministic_job.hpp> <leat/tests/support/event_log.hpp>
           <leat/tests/support/memory_connectors.hpp> <leat/tests/support/totals_plan.hpp>)
      list(APPEND libraries leat::actors)
    endif()
    list(APPEND libraries Catch2::Catch2)
    if(arg_API)
      list(APPEND headers <leat/testing.hpp>)
    endif()
  endif()

  if(NOT TARGET ${kind})
    set(source ${PROJECT_BINARY_DIR}/precompiled/${kind}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "\n")
    add_library(${kind} OBJECT EXCLUDE_FROM_ALL ${source})
    target_compile_features(${kind} PRIVATE cxx_std_20)
    target_link_libraries(${kind} PRIVATE ${libraries})
    target_precompile_headers(${kind} PRIVATE ${headers})
    if(arg_TESTS)
      target_compile_options(${kind} PRIVATE $<$<CONFIG:Release>:-Og>) # as the tests
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${kind})
endfunction()
