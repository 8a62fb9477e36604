# What makes builds faster when it happens to be there: ccache, and a linker that is quicker than the default one.
# A project that contains Leat chooses its own.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

find_program(LEAT_CCACHE ccache)
if(LEAT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LEAT_CCACHE})
endif()

# The compiler reuses no memory before it has taken 1 GB (Leat's largest source takes that): a tenth of its time. Not in the
# preset `check`, whose commands clang-tidy reads.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND LEAT_PCH)
  add_compile_options(--param=ggc-min-heapsize=1000000)
endif()

include(CheckLinkerFlag)
set(linkers lld)
if(NOT LEAT_FUZZ) # gold warns of each of clang's sanitizer functions
  list(APPEND linkers gold)
endif()
foreach(linker ${linkers})
  check_linker_flag(CXX -fuse-ld=${linker} LEAT_LINKS_WITH_${linker})
  if(LEAT_LINKS_WITH_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()
