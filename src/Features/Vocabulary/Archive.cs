namespace EventFiles.Features.Vocabulary;

/// <summary>Takes streams that are over out of the way. Slices say which: <see cref="Slice.Archives"/>.</summary>
public interface IArchive
{
    /// <summary>
    /// Archives every stream that has been over for some time, one by one; safe to break off and to run on several nodes.
    /// </summary>
    /// <param name="grace">For how long a stream's last fact has told that it is over.</param>
    /// <param name="isDryRun">Only look which ones it would be.</param>
    /// <returns>Their names.</returns>
    IAsyncEnumerable<string> Run(TimeSpan grace, bool isDryRun, CancellationToken cancel);
}
