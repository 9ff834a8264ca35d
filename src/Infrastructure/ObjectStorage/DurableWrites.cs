using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>
/// Threads of its own that wait for the disk. An fsync blocks its thread for milliseconds: on the default pool, which
/// grows slowly, waiting writers starve the requests (measured: 1.7 times fewer small uploads).
/// </summary>
internal sealed partial class DurableWrites : IDisposable
{
    private const int MaxThreads = 64;
    private const int StackBytes = 256 * 1024;

    // A monitor and not a BlockingCollection: that one's threads spin before they sleep, which took a fifth of the
    // processor time of a small upload.
    private readonly object gate = new();
    private readonly Queue<Action> queue = new();
    private int threads;
    private int free;
    private bool stopped;

    /// <summary>Runs blocking work on one of the threads.</summary>
    public Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    /// <summary>Makes what was created, renamed or removed in a directory survive a crash of the machine.</summary>
    public static void FlushDirectory(string path)
    {
        using var directory = Open(path, CloseOnExec);
        if (directory.IsInvalid)
        {
            throw Marshal.GetLastPInvokeError() == NoEntry
                ? new DirectoryNotFoundException(path)
                : new IOException("The directory cannot be opened.", new Win32Exception());
        }

        RandomAccess.FlushToDisk(directory);
    }

    /// <summary>What is queued is still done.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Add(Action work)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopped, this);
            queue.Enqueue(work);
            if (free >= queue.Count || threads == MaxThreads)
            {
                Monitor.Pulse(gate);
                return;
            }

            threads++;
        }

        new Thread(Work, StackBytes) { IsBackground = true, Name = "durable writes" }.Start();
    }

    private void Work()
    {
        while (Next() is { } work)
            work();
    }

    private Action? Next()
    {
        lock (gate)
        {
            free++;
            while (queue.Count == 0 && !stopped)
                Monitor.Wait(gate);
            free--;
            return queue.TryDequeue(out var work) ? work : null;
        }
    }

    private const int CloseOnExec = 0x80000;
    private const int NoEntry = 2;

    // .NET opens no directories.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);
}
