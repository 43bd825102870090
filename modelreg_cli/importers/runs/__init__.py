"""Result files of programs that measure models -> results of the catalog: read, map, bind, draft."""
