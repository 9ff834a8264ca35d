namespace EventFiles.Client;

/// <summary>Files that nobody else on this machine may read.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>The client's folder under one of the folders that the XDG specification names.</summary>
    /// <param name="variable">Such as <c>XDG_CONFIG_HOME</c>.</param>
    /// <param name="usual">Where it is below the home folder when the variable says nothing.</param>
    public static string Folder(string variable, string usual)
    {
        var said = Environment.GetEnvironmentVariable(variable);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        // A relative one is to be passed over, says the specification.
        return Path.Combine(Path.IsPathRooted(said) ? said : Path.Combine(home, usual), "eventfiles");
    }

    /// <summary>Opens or makes a file that one process at a time has.</summary>
    /// <exception cref="IOException">Another has it.</exception>
    public static FileStream OpenAlone(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnersFolder);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = OwnersFile,
        });
    }

    /// <summary>Waits until this process has the file.</summary>
    /// <exception cref="IOException">Another kept it for the whole time.</exception>
    public static async Task<FileStream> WaitAlone(string path, TimeSpan patience, CancellationToken cancel)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(50, cancel))
        {
            try
            {
                return OpenAlone(path);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(began) < patience)
            {
            }
        }
    }

    /// <summary>Writes a file whole or not at all; it is on the disk when this returns.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnersFolder);
        var aside = $"{path}.{Guid.NewGuid():n}";
        using (var file = new FileStream(aside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnersFile,
        }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
