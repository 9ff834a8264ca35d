using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Security;

/// <summary>A directory of signing keys, gone at the end.</summary>
internal sealed class KeyFolder : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "ef-keys-" + Guid.NewGuid().ToString("n"));

    public FolderKeys Open(TimeProvider? clock = null) => new(Path, clock ?? TimeProvider.System);

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
