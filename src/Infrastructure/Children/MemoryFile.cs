using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// An original as a file that has no name and is in no file system: programs seek in it, and nobody can change it any more.
/// What this child starts inherits it.
/// </summary>
internal sealed class MemoryFile : IDisposable
{
    private readonly SafeFileHandle handle;

    private MemoryFile(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Where this process and those that it starts find it.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");

    /// <summary>The original that follows an order; null when the parent gave it up.</summary>
    /// <exception cref="IOException">This child may write no file, or the memory is used up.</exception>
    public static MemoryFile? ReadOriginal(Stream input, ChildOrder order)
    {
        Posix.AllowFiles();
        var file = new MemoryFile(Posix.CreateMemoryFile());
        var buffer = new byte[64 * 1024];
        for (long length = 0, kept = 0; ;)
        {
            switch (ChildProtocol.ReadNumber(input))
            {
                case > ChildProtocol.EndOfOriginal and var piece when kept + piece <= order.MaxInputBytes:
                    kept += piece;
                    while (piece > 0)
                    {
                        var part = buffer.AsSpan(0, Math.Min(piece, buffer.Length));
                        input.ReadExactly(part);
                        RandomAccess.Write(file.handle, part, length);
                        (length, piece) = (length + part.Length, piece - part.Length);
                    }

                    break;
                case ChildProtocol.LeftOut:
                    // A hole, which takes no memory: all behind it stands where it stood.
                    length += order.LeftOutBytes;
                    break;
                case ChildProtocol.EndOfOriginal:
                    Posix.Seal(file.handle);
                    Posix.ForbidFiles();
                    return file;
                default:
                    file.Dispose();
                    Posix.ForbidFiles();
                    return null;
            }
        }
    }

    /// <summary>The beginning of an original that is not kept; what follows stays where it is.</summary>
    /// <exception cref="IOException">The same.</exception>
    public static MemoryFile ReadBeginning(Stream original, int maxBytes)
    {
        Posix.AllowFiles();
        var file = new MemoryFile(Posix.CreateMemoryFile());
        try
        {
            var buffer = new byte[64 * 1024];
            for (var length = 0L; length < maxBytes && original.Read(buffer) is > 0 and var read; length += read)
                RandomAccess.Write(file.handle, buffer.AsSpan(0, read), length);
            Posix.Seal(file.handle);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            Posix.ForbidFiles();
        }
    }

    /// <summary>It once more, from its beginning.</summary>
    public void CopyTo(Stream to)
    {
        var buffer = new byte[64 * 1024];
        for (var at = 0L; RandomAccess.Read(handle, buffer, at) is > 0 and var read; at += read)
            to.Write(buffer, 0, read);
    }

    /// <summary>Its first bytes, at most so many.</summary>
    public byte[] Head(int length)
    {
        var head = new byte[length];
        return head[..RandomAccess.Read(handle, head, 0)];
    }

    public void Dispose() => handle.Dispose();
}
