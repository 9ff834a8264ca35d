using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Search;

/// <summary>Finds files by name, tag and text.</summary>
public static class SearchSlice
{
    public static Slice Define() => new Slice("search")
        .Serves(SearchEndpoint.Map)
        .Answers<SearchFiles, Page<FoundFile>, SearchHandler, SearchFilesShape>()
        .Answers<KeepMissingTexts, Done, TextHandler>()
        .Shows(SearchProjection.Define())
        .Shows(SearchFolderProjection.Define())
        .Hears<UploadEvent.Completed>((done, happened) => SearchView.IsItsOwnText(done.ContentType)
            ? new KeepText(happened.Stream.Tenant, done.File, done.Version, done.StoredAs)
            : null)
        .Hears<UploadEvent.Reinstated>((again, happened) => SearchView.IsItsOwnText(again.ContentType)
            ? new KeepText(happened.Stream.Tenant, again.File, again.Version, again.StoredAs)
            : null)
        .Hears<UploadEvent.HandedOver>((handed, _) => handed.Versions is [.., var last]
            ? new KeepText(
                handed.To, handed.File, last.Version, SearchView.IsItsOwnText(last.ContentType)
                    ? last.StoredAs
                    : ObjectKey.Variant(handed.File, last.Version, SearchView.TextVariant))
            : null)
        .Hears<ProcessEvent.StepSucceeded>((done, happened) => done.Made.Name == SearchView.TextVariant
            ? new KeepText(happened.Stream.Tenant, done.File, done.Made.Version, done.Made.StoredAs)
            : null)
        .Does<KeepText, TextHandler>("search")
        .Repeats(services => services.GetRequiredService<SearchOptions>().Every, _ => new KeepMissingTexts())
        .Needs(services => services.AddSingleton(all => SearchOptions.From(all.GetRequiredService<IConfiguration>())));
}
