using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// Starts children on one thread that lives as long as the program. Linux sends the "parent died" signal when the
/// <em>thread</em> that started a child ends: from a pool thread, children would die whenever the pool shrinks.
/// </summary>
internal sealed class Launcher : IDisposable
{
    private const int Niceness = 10;
    private readonly ChildOptions options;
    private readonly long fileBytes;
    private readonly BlockingCollection<TaskCompletionSource<Process>> queue = [];
    private Sandbox? sandbox;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="fileBytes">How large a file may be that a child allows itself to write; 0 for none at all.</param>
    public Launcher(ChildOptions options, long fileBytes)
    {
        (this.options, this.fileBytes) = (options, fileBytes);
        new Thread(Work) { IsBackground = true, Name = "child launcher" }.Start();
    }

    /// <summary>What is around the children; null before the first one.</summary>
    public Sandbox? Sandbox => sandbox;

    /// <summary>One more child.</summary>
    /// <exception cref="TransientException">The program or what is to enclose it cannot be started.</exception>
    public Task<Process> Start()
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(started);
        return started.Task;
    }

    public void Dispose() => queue.CompleteAdding();

    private void Work()
    {
        Posix.LowerThisThread(Niceness);
        foreach (var order in queue.GetConsumingEnumerable())
        {
            try
            {
                sandbox ??= Sandbox.Strongest(options, fileBytes);
                order.SetResult(Process.Start(sandbox.Around(options, options.FileName, options.Arguments))!);
            }
            catch (Win32Exception reason)
            {
                order.SetException(new TransientException("The child process cannot be started.", reason));
            }
            catch (Exception reason)
            {
                order.SetException(reason);
            }
        }
    }
}
